/**
 * Swarm scripts: the Lua scripts of the store in Redis. The script of an announce is in
 * `redis_announce_script.ts`.
 *
 * Keys of a swarm, all behind `<root><info hash in hex>:`. The root is `vt:2:`, in a cluster that of
 * the partition (redis_keys.ts).
 *
 * ```text
 * t         sorted set: <kind>:<address> by when it is forgotten
 * f         hash: <kind>:<address> -> state, proof, peer ID, key and facts (redis_records.ts)
 * i         hash: <kind>:<peer ID><key> -> address
 * n         hash: completed, since, seeds, and uncounted: peers that do not lengthen the interval
 * <list>d   set: compact addresses of seeds and paused peers
 * <list>l   set: the same of those that still download
 * h         hash: <kind>:<host> -> what its peers' addresses have behind the host, or # for a crowd
 * <kind>c   set: hosts that are crowds
 * p         hash: w, r or n before <kind>:<host> -> addresses that a reply names first (crowd_picks.ts)
 * ```
 *
 * A kind is 4, 6, and 4@HOST, 6@HOST for loopback on a host. A list is a kind, or `<kind>#<host in hex>`
 * for a crowd's own (crowds.ts).
 *
 * `<root>swarms` is a sorted set of the partition's swarms by when to look for peers to forget,
 * `<root>empty` has those without anybody by since when, `<root>totals` counts seeders and leechers.
 * `vt:2:hosts` says by which addresses each tracker's host is known.
 *
 * All keys expire if no tracker comes back: announces extend their lifetime.
 *
 * @module
 */
import { MAX_COUNTED } from "../swarms/crowds.ts";
import { IDENTITY_AT } from "./redis_records.ts";

/** A swarm without anybody is kept this long (s) for its count of downloads. */
const KEEP = 90 * 86_400;
/** What no tracker touches for so long (s) is forgotten by Redis itself: longer than any tracker would. */
export const LIFE: number = KEEP + 2 * 86_400;

/** What all scripts need. KEYS[1] is the root. A peer's record begins with its state: S seed, P paused, L leecher. */
export const COMMON: string = `
local call, sub = redis.call, string.sub
local ROOT = KEYS[1]
local SWARMS, TOTALS, EMPTY = ROOT .. 'swarms', ROOT .. 'totals', ROOT .. 'empty'
local NO_KEY = string.rep('\\0', 4)

-- Bytes of a compact address that name its host: a /64 of IPv6 is one.
local function split(address)
  local length = #address == 6 and 4 or 8
  return sub(address, 1, length), sub(address, length + 1)
end

local function crowd(base, kind, host)
  return base .. kind .. '#' ..
    (string.gsub(host, '.', function(byte) return string.format('%02x', string.byte(byte)) end))
end

local function part(state)
  return state == 'L' and 'l' or 'd'
end

local function size_of(list)
  return call('SCARD', list .. 'd') + call('SCARD', list .. 'l')
end

local function identity_of(record)
  return sub(record, ${IDENTITY_AT + 1}, ${IDENTITY_AT + 24})
end

local function has_key(identity)
  return sub(identity, 21) ~= NO_KEY
end

local function count(base, state, by)
  call('HINCRBY', TOTALS, state == 'S' and 'seeders' or 'leechers', by)
  if state == 'S' then call('HINCRBY', base .. 'n', 'seeds', by) end
end

-- An ID and key is somewhere else now, or nowhere.
local function forget_identity(base, kind, address, record)
  local identity = identity_of(record)
  if has_key(identity) and call('HGET', base .. 'i', kind .. ':' .. identity) == address then
    call('HDEL', base .. 'i', kind .. ':' .. identity)
  end
end

-- Takes a host's peer out of its list.
local function unlist(base, kind, address, state)
  local host, tail = split(address)
  local field = kind .. ':' .. host
  local tails = call('HGET', base .. 'h', field)
  if tails ~= '#' then
    local left = ''
    for at = 1, #(tails or ''), #tail do
      local one = sub(tails, at, at + #tail - 1)
      if one ~= tail then left = left .. one end
    end
    if left == '' then call('HDEL', base .. 'h', field) else call('HSET', base .. 'h', field, left) end
    call('SREM', base .. kind .. part(state), address)
    return
  end
  local list = crowd(base, kind, host)
  local size = size_of(list)
  if size > ${MAX_COUNTED} then call('HINCRBY', base .. 'n', 'uncounted', -1) end
  call('SREM', list .. part(state), address)
  if size > 1 then return end
  call('HDEL', base .. 'h', field)
  call('SREM', base .. kind .. 'c', host)
  call('HDEL', base .. 'p', 'w' .. field, 'r' .. field, 'n' .. field)
end

-- Takes a peer out; what was known of it, or false.
local function remove(base, kind, address)
  local member = kind .. ':' .. address
  local record = call('HGET', base .. 'f', member)
  if not record then return false end
  call('HDEL', base .. 'f', member)
  call('ZREM', base .. 't', member)
  forget_identity(base, kind, address, record)
  unlist(base, kind, address, sub(record, 1, 1))
  count(base, sub(record, 1, 1), -1)
  return record
end

local function forget_swarm(hex)
  local base = ROOT .. hex .. ':'
  call('DEL', base .. 'n', base .. 'f', base .. 'i', base .. 't', base .. 'h', base .. 'p')
  call('ZREM', SWARMS, hex)
  call('ZREM', EMPTY, hex)
end

-- Forgets the swarm where it is empty and was for long or never completed. Of those that are kept for
-- their downloads the longest empty gives way to one too many.
local function tidy(hex, base, now, was_empty, max_empty)
  local due = call('ZRANGE', base .. 't', 0, 0, 'WITHSCORES')[2]
  if due then return call('ZADD', SWARMS, due, hex) end
  if was_empty or (tonumber(call('HGET', base .. 'n', 'completed')) or 0) == 0 then
    return forget_swarm(hex)
  end
  call('HDEL', base .. 'n', 'since')
  call('EXPIRE', base .. 'n', ${LIFE})
  call('ZADD', SWARMS, now + ${KEEP}, hex)
  call('ZADD', EMPTY, 'NX', now, hex)
  call('EXPIRE', EMPTY, ${LIFE})
  if call('ZCARD', EMPTY) <= max_empty then return end
  for _, oldest in ipairs(call('ZRANGE', EMPTY, 0, 0)) do forget_swarm(oldest) end
end

-- How many peers, how many of them are seeds, how many completed; since when; how many do not count.
local function counts(base)
  local numbers = call('HMGET', base .. 'n', 'seeds', 'completed', 'since', 'uncounted')
  return call('ZCARD', base .. 't'), tonumber(numbers[1]) or 0, tonumber(numbers[2]) or 0,
    tonumber(numbers[3]), tonumber(numbers[4]) or 0
end
`;

/** ARGV: info hashes in hex. Answers seeders, leechers, completed of each. */
export const COUNTS_SCRIPT: string = `${COMMON}
local reply = {}
for _, hex in ipairs(ARGV) do
  local size, seeders, completed = counts(ROOT .. hex .. ':')
  reply[#reply + 1] = seeders
  reply[#reply + 1] = size - seeders
  reply[#reply + 1] = completed
end
return reply
`;

/**
 * ARGV: now (s); most swarms and most peers to look at; most empty swarms. Answers info hash in hex,
 * kind, address and record of each peer that was forgotten, behind when (s) the next is due: now where
 * more are, empty where none will be.
 */
export const SWEEP_SCRIPT: string = `${COMMON}
local now, open, max_empty = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local due = call('ZRANGEBYSCORE', SWARMS, '-inf', now, 'LIMIT', 0, ARGV[2])
local reply = {''}
for _, hex in ipairs(due) do
  local base = ROOT .. hex .. ':'
  local was_empty = call('ZCARD', base .. 't') == 0
  local over = call('ZRANGEBYSCORE', base .. 't', '-inf', now, 'LIMIT', 0, open)
  for _, member in ipairs(over) do
    local colon = string.find(member, ':', 1, true)
    local kind, address = sub(member, 1, colon - 1), sub(member, colon + 1)
    local record = remove(base, kind, address)
    if not record then call('ZREM', base .. 't', member) end
    for _, one in ipairs({hex, kind, address, record or ''}) do reply[#reply + 1] = one end
  end
  open = open - #over
  tidy(hex, base, now, was_empty, max_empty)
  if open <= 0 then break end
end
reply[1] = call('ZRANGE', SWARMS, 0, 0, 'WITHSCORES')[2] or ''
return reply
`;
