/**
 * What the store in Redis does inside Redis, in Lua: one script, hence one round trip and one atomic
 * step, for an announce.
 *
 * Keys of a swarm, all behind `vt:<info hash in hex>:`
 *
 * ```text
 * k         set of the kinds of addresses in it: 4, 6, and 4@HOST, 6@HOST for loopback on a host
 * <kind>d   sorted set: compact addresses of seeds and paused peers, by when they are forgotten
 * <kind>l   the same of those that still download
 * f         hash: <kind>:<address> -> state, peer ID, key and facts (redis_records.ts)
 * i         hash: <kind>:<peer ID><key> -> address
 * n         hash: completed, since, paused
 * ```
 *
 * `vt:swarms` is a sorted set of all swarms by when to look for peers to forget, `vt:totals` counts
 * seeders and leechers, `vt:hosts` says by which addresses each tracker's host is known.
 *
 * All of it goes by itself where no tracker comes back: announces put that day off.
 *
 * @module
 */
import { INTERVALS } from "../swarms/announce_interval.ts";
import { FACTS_AT, SEEN_AT_IN_FACTS } from "./redis_records.ts";
import { GRACE, LEASES, SHRINKING } from "../swarms/lease.ts";

export const SWARMS_KEY = "vt:swarms";
export const TOTALS_KEY = "vt:totals";
export const HOSTS_KEY = "vt:hosts";
/** Before a swarm's info hash in hex. */
export const SWARM_PREFIX = "vt:";

/** A swarm without anybody is kept this long (s) for its count of downloads. */
const KEEP = 90 * 86_400;
/** What no tracker touches for so long (s) is forgotten by Redis itself: longer than any tracker would. */
export const LIFE: number = KEEP + 2 * 86_400;

/** Where a peer's record says when it was heard of, counted as Lua does. */
const SEEN_AT = FACTS_AT + SEEN_AT_IN_FACTS + 1;

/** What all scripts need. A peer's facts begin with its state: S seed, P paused, L leecher. */
const COMMON = `
local call = redis.call
local SWARMS, TOTALS = '${SWARMS_KEY}', '${TOTALS_KEY}'
local NO_KEY = string.rep('\\0', 4)

local function list(base, kind, state)
  return base .. kind .. (state == 'L' and 'l' or 'd')
end

-- Puts off the day on which Redis forgets a swarm.
local function renew(base)
  for _, kind in ipairs(call('SMEMBERS', base .. 'k')) do
    call('EXPIRE', base .. kind .. 'd', ${LIFE})
    call('EXPIRE', base .. kind .. 'l', ${LIFE})
  end
  for _, part in ipairs({'k', 'f', 'i', 'n'}) do call('EXPIRE', base .. part, ${LIFE}) end
  call('EXPIRE', SWARMS, ${LIFE})
  call('EXPIRE', TOTALS, ${LIFE})
end

local function count(base, kind, state, by)
  call('HINCRBY', TOTALS, state == 'S' and 'seeders' or 'leechers', by)
  if state == 'P' then call('HINCRBY', base .. 'n', 'paused', by) end
end

-- Takes a peer out; what was known of it, or false.
local function remove(base, kind, address)
  local facts = call('HGET', base .. 'f', kind .. ':' .. address)
  if not facts then return false end
  local state = string.sub(facts, 1, 1)
  call('HDEL', base .. 'f', kind .. ':' .. address)
  call('ZREM', list(base, kind, state), address)
  local identity = string.sub(facts, 2, 25)
  if string.sub(identity, 21) ~= NO_KEY then call('HDEL', base .. 'i', kind .. ':' .. identity) end
  count(base, kind, state, -1)
  return facts
end

-- Forgets kinds without anybody, and the swarm where it is empty and was for long or never completed.
local function tidy(hex, base, now, was_empty)
  local due
  for _, kind in ipairs(call('SMEMBERS', base .. 'k')) do
    local used = false
    for _, state in ipairs({'S', 'L'}) do
      local first = call('ZRANGE', list(base, kind, state), 0, 0, 'WITHSCORES')[2]
      if first then
        used = true
        if not due or tonumber(first) < due then due = tonumber(first) end
      end
    end
    if not used then call('SREM', base .. 'k', kind) end
  end
  if due then
    call('ZADD', SWARMS, due, hex)
  elseif was_empty or (tonumber(call('HGET', base .. 'n', 'completed')) or 0) == 0 then
    call('DEL', base .. 'n', base .. 'f', base .. 'i')
    call('ZREM', SWARMS, hex)
  else
    call('HDEL', base .. 'n', 'since')
    call('EXPIRE', base .. 'n', ${LIFE})
    call('ZADD', SWARMS, now + ${KEEP}, hex)
  end
end

local function counts(base)
  local size, done = 0, 0
  for _, kind in ipairs(call('SMEMBERS', base .. 'k')) do
    local some = call('ZCARD', list(base, kind, 'S'))
    done = done + some
    size = size + some + call('ZCARD', list(base, kind, 'L'))
  end
  local numbers = call('HMGET', base .. 'n', 'completed', 'paused', 'since')
  return size, done - (tonumber(numbers[2]) or 0), tonumber(numbers[1]) or 0, tonumber(numbers[3])
end
`;

/**
 * KEYS: none that are known before. ARGV: info hash in hex; now (s); the asker's kind, address, and
 * state, empty where it is not kept; "1" where it says that it completed; its peer ID and key; its
 * facts; how many peers it wants; how it keeps time (`timekeeping`); a random number below 1; and
 * kinds to give peers of, the nearest first: IPv4, then IPv6, with a space between; and "1" where
 * seeds are of use to it.
 *
 * Answers interval, seeders, leechers, completed, then kinds and their peers side by side.
 */
export const ANNOUNCE_SCRIPT: string = `${COMMON}
local hex, now, kind, address, state = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local identity, facts, wanted, chance = ARGV[7], ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[11])
local base = '${SWARM_PREFIX}' .. hex .. ':'
local has_key = string.sub(identity, 21) ~= NO_KEY

local function elsewhere(other)
  return has_key and call('HGET', base .. 'i', other .. ':' .. identity)
end

local before = call('HGET', base .. 'f', kind .. ':' .. address)
-- What was seen of a client that keeps times of its own: the gap since, and its lease.
local gap, lease
local is_known = before and string.sub(before, 2, 25) == identity
if is_known and ARGV[10] ~= 'obeys' and ARGV[10] ~= 'new' then
  local due = call('ZSCORE', list(base, kind, string.sub(before, 1, 1)), address)
  local a, b, c, d = string.byte(before, ${SEEN_AT}, ${SEEN_AT + 3})
  if due and d then
    local seen = ((a * 256 + b) * 256 + c) * 256 + d
    gap, lease = now - seen, tonumber(due) - seen
  end
end
local stays = before and state ~= '' and string.sub(before, 1, 25) == state .. identity
if not stays then
  if before then
    remove(base, kind, address)
  else
    local moved = elsewhere(kind)
    before = moved and remove(base, kind, moved)
  end
end
if ARGV[6] == '1' and before and string.sub(before, 1, 1) ~= 'S' then
  call('HINCRBY', base .. 'n', 'completed', 1)
end
if state ~= '' then
  call('HSET', base .. 'f', kind .. ':' .. address, state .. identity .. facts)
end
if state ~= '' and not stays then
  call('SADD', base .. 'k', kind)
  call('HSETNX', base .. 'n', 'since', now)
  if has_key then call('HSET', base .. 'i', kind .. ':' .. identity, address) end
  count(base, kind, state, 1)
  -- When it is forgotten comes below, with the interval.
  call('ZADD', list(base, kind, state), now, address)
end

local size, seeders, completed, since = counts(base)
local interval = math.min(${INTERVALS.longest},
  math.max(${INTERVALS.shortest}, math.ceil(size / 2)))
if now - (since or now) < ${INTERVALS.young} and size < ${INTERVALS.small} then
  interval = ${INTERVALS.soon}
end
if state ~= '' then
  local kept = 2 * interval + ${GRACE}
  if lease then
    if ARGV[10] == 'regular' and 2 * gap >= interval then
      lease = math.max(math.floor(lease * ${SHRINKING}), 2 * gap + ${GRACE})
    end
    kept = math.max(kept, math.min(lease, ${LEASES.longest}))
  elseif ARGV[10] ~= 'obeys' then
    kept = math.max(kept, ${LEASES.first})
  end
  local due = now + kept
  call('ZADD', list(base, kind, state), due, address)
  call('ZADD', SWARMS, 'LT', due, hex)
  -- Lists that are new have no such day yet; all others need a new one only once a day.
  if not stays or call('TTL', base .. 'k') < ${LIFE - 86_400} then renew(base) end
elseif before then
  tidy(hex, base, now, false)
end

-- Adds random members to peers, without the one that is left out.
local function take(peers, key, some, left_out)
  if some < 1 then return end
  local members = call('ZRANDMEMBER', key, left_out and some + 1 or some)
  for _, member in ipairs(members) do
    if member ~= left_out and some > 0 then
      peers[#peers + 1] = member
      some = some - 1
    end
  end
end

local reply = {interval, seeders, size - seeders, completed}
for family = 12, 13 do
  local open = wanted
  for other in string.gmatch(ARGV[family], '%S+') do
    local done, rest = list(base, other, 'S'), list(base, other, 'L')
    local dones = ARGV[14] == '1' and call('ZCARD', done) or 0
    local rests = call('ZCARD', rest)
    local self = other == kind and state ~= '' and address or elsewhere(other)
    local self_done, self_rest
    if self then
      if call('ZSCORE', rest, self) then self_rest = self else self_done = self end
      if self_rest then rests = rests - 1 elseif dones > 0 then dones = dones - 1 end
    end
    local some = math.min(open, dones + rests)
    if some > 0 then
      local share = math.floor(some * dones / (dones + rests) + chance)
      share = math.max(some - rests, math.min(dones, share))
      local peers = {}
      take(peers, done, share, self_done)
      take(peers, rest, some - share, self_rest)
      open = open - #peers
      reply[#reply + 1] = other
      reply[#reply + 1] = table.concat(peers)
    end
  end
end
return reply
`;

/** ARGV: info hashes in hex. Answers seeders, leechers, completed of each. */
export const COUNTS_SCRIPT: string = `${COMMON}
local reply = {}
for _, hex in ipairs(ARGV) do
  local size, seeders, completed = counts('${SWARM_PREFIX}' .. hex .. ':')
  reply[#reply + 1] = seeders
  reply[#reply + 1] = size - seeders
  reply[#reply + 1] = completed
end
return reply
`;

/**
 * ARGV: now (s); most swarms and most peers to look at. Answers info hash in hex, kind, address and
 * facts of each peer that was forgotten.
 */
export const SWEEP_SCRIPT: string = `${COMMON}
local now, open = tonumber(ARGV[1]), tonumber(ARGV[3])
local reply = {}
for _, hex in ipairs(call('ZRANGEBYSCORE', SWARMS, '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local base = '${SWARM_PREFIX}' .. hex .. ':'
  local kinds = call('SMEMBERS', base .. 'k')
  for _, kind in ipairs(kinds) do
    for _, state in ipairs({'S', 'L'}) do
      local over = call('ZRANGEBYSCORE', list(base, kind, state), '-inf', now, 'LIMIT', 0, open)
      for _, address in ipairs(over) do
        local facts = remove(base, kind, address)
        if not facts then call('ZREM', list(base, kind, state), address) end
        reply[#reply + 1] = hex
        reply[#reply + 1] = kind
        reply[#reply + 1] = address
        reply[#reply + 1] = facts or ''
      end
      open = open - #over
    end
  end
  tidy(hex, base, now, #kinds == 0)
  if open <= 0 then break end
end
return reply
`;
