/**
 * An announce to the store in Redis, in Lua: one script, hence one round trip and one atomic step.
 * `redis_scripts.ts` draws the keys.
 *
 * @module
 */
import { INTERVALS } from "../swarms/announce_interval.ts";
import { MAX_ALONE, MAX_COUNTED, MAX_LOOKED, MAX_PER_HOST } from "../swarms/crowds.ts";
import { KEPT, TRIES } from "../swarms/crowd_picks.ts";
import { GRACE, LEASES, SHRINKING } from "../swarms/lease.ts";
import { RETURN_AFTER } from "../swarms/peer_rows.ts";
import { FACTS_AT, SEEN_AT_IN_FACTS } from "./redis_records.ts";
import { SERVER_KEYS } from "./redis_keys.ts";
import { COMMON, LIFE } from "./swarm_scripts.ts";

/** Where a peer's record says when it was heard of, counted as Lua does. */
const SEEN_AT = FACTS_AT + SEEN_AT_IN_FACTS + 1;

/** How peers come into lists, and out of those that are full. */
const LISTS = `
local function seen_at(record)
  local a, b, c, d = string.byte(record, ${SEEN_AT}, ${SEEN_AT + 3})
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- What proves that a peer is used: 0 nothing, 1 it came again, 2 and had given or taken something.
local function prove(before, facts, now)
  local proof = tonumber(sub(before, 2, 2))
  if now - seen_at(before) < ${RETURN_AFTER} then return proof end
  local uploaded, downloaded = struct.unpack('>dd', facts)
  local gave, took = struct.unpack('>dd', before, ${FACTS_AT + 1})
  return math.max(proof, (uploaded > gave or downloaded > took) and 2 or 1)
end

-- A peer of a crowd announced: the latest ones of its sort are named first.
local function heard(base, field, address, proof, state)
  if proof == 0 and state ~= 'L' then return end
  local name = (proof == 2 and 'w' or proof == 1 and 'r' or 'n') .. field
  local kept = call('HGET', base .. 'p', name) or ''
  local now = address
  for at = 1, #kept, #address do
    local one = sub(kept, at, at + #address - 1)
    if one ~= address and #now < ${KEPT} * #address then now = now .. one end
  end
  call('HSET', base .. 'p', name, now)
  call('EXPIRE', base .. 'p', ${LIFE})
end

-- Makes a list of a host's own, of its peers in the list of all.
local function gather(base, kind, host, tails, width)
  local field, list = kind .. ':' .. host, crowd(base, kind, host)
  call('HSET', base .. 'h', field, '#')
  call('SADD', base .. kind .. 'c', host)
  for at = 1, #tails, width do
    local address = host .. sub(tails, at, at + width - 1)
    local record = call('HGET', base .. 'f', kind .. ':' .. address)
    if record then
      local state = sub(record, 1, 1)
      call('SMOVE', base .. kind .. part(state), list .. part(state), address)
      heard(base, field, address, tonumber(sub(record, 2, 2)), state)
    end
  end
end

-- Takes out of a full crowd who proved least of some, and of these was not heard of for the longest.
local function give_way(base, kind, list, chance)
  local dones, rests = call('SCARD', list .. 'd'), call('SCARD', list .. 'l')
  local some = math.floor(${TRIES} * dones / (dones + rests) + chance)
  local least, proof, seen
  for state, number in pairs({d = some, l = ${TRIES} - some}) do
    for _, address in ipairs(number > 0 and call('SRANDMEMBER', list .. state, number) or {}) do
      local record = call('HGET', base .. 'f', kind .. ':' .. address)
      if not record then
        call('SREM', list .. state, address)
      else
        local its, at = tonumber(sub(record, 2, 2)), seen_at(record)
        if not least or its < proof or its == proof and at < seen then
          least, proof, seen = address, its, at
        end
      end
    end
  end
  if least then remove(base, kind, least) end
end

-- Puts a peer that is not there into a list: which one, and its field where that is a crowd's.
local function enlist(base, kind, address, state, chance)
  local host, tail = split(address)
  local field = kind .. ':' .. host
  local tails = call('HGET', base .. 'h', field)
  if tails and tails ~= '#' and #tails >= ${MAX_ALONE} * #tail then
    gather(base, kind, host, tails, #tail)
    tails = '#'
  end
  if tails ~= '#' then
    call('HSET', base .. 'h', field, (tails or '') .. tail)
    call('SADD', base .. kind .. part(state), address)
    return base .. kind
  end
  local list = crowd(base, kind, host)
  if size_of(list) >= ${MAX_PER_HOST} then give_way(base, kind, list, chance) end
  call('SADD', list .. part(state), address)
  if size_of(list) > ${MAX_COUNTED} then call('HINCRBY', base .. 'n', 'uncounted', 1) end
  return list, field
end

-- Puts off the day on which Redis forgets a swarm and one of its lists.
local function renew(base, kind, list)
  for _, key in ipairs({'t', 'f', 'i', 'n', 'h', 'p', kind .. 'c'}) do
    call('EXPIRE', base .. key, ${LIFE})
  end
  for _, key in ipairs({list .. 'd', list .. 'l', SWARMS, TOTALS}) do call('EXPIRE', key, ${LIFE}) end
end
`;

/** Which peers a reply names. */
const CHOICE = `
-- As crowdShares in crowds.ts.
local function shares_of(room, alone, sizes, rest, chance)
  local all, shares = rest * ${MAX_ALONE}, {}
  for _, size in ipairs(sizes) do all = all + math.min(size, ${MAX_ALONE}) end
  if alone + all >= room then
    local open = math.max(room - alone, math.floor(room * all / (alone + all) + chance))
    for i, size in ipairs(sizes) do
      shares[i] = math.min(size, ${MAX_ALONE}, open)
      open = open - shares[i]
    end
    return shares
  end
  local order, open = {}, room - alone
  for i = 1, #sizes do order[i] = i end
  table.sort(order, function(a, b) return sizes[a] < sizes[b] end)
  for done, i in ipairs(order) do
    shares[i] = math.min(sizes[i], math.ceil(open / (#order - done + 1)))
    open = open - shares[i]
  end
  return shares
end

-- Adds random members to peers, without the one that is left out.
local function draw(peers, key, some, left_out)
  if some < 1 then return end
  for _, member in ipairs(call('SRANDMEMBER', key, left_out and some + 1 or some)) do
    if member ~= left_out and some > 0 then
      peers[#peers + 1] = member
      some = some - 1
    end
  end
end

-- What a list has for who asks.
local function source(list, field, leechers_only, self)
  local dones, rests = call('SCARD', list .. 'd'), call('SCARD', list .. 'l')
  local one = {list = list, field = field, size = dones + rests, rests = rests}
  one.dones = leechers_only and 0 or dones
  if self and rests > 0 and call('SISMEMBER', list .. 'l', self) == 1 then
    one.self_rest, one.rests = self, one.rests - 1
  elseif self and one.dones > 0 and call('SISMEMBER', list .. 'd', self) == 1 then
    one.self_done, one.dones = self, one.dones - 1
  end
  one.available = one.dones + one.rests
  return one
end

-- Gives places of others to those of a crowd that are named first, up to half of all.
local function name(base, from, peers, leechers_only, self, chance)
  local at, picked = {}, {}
  for place, one in ipairs(peers) do at[one] = place end
  local number = 0
  for _, sort in ipairs({'w', 'n', 'r'}) do
    local kept = call('HGET', base .. 'p', sort .. from.field) or ''
    for first = 1, #kept, #peers[1] do
      if number >= #peers / 2 then break end
      local one = sub(kept, first, first + #peers[1] - 1)
      if one ~= self and not picked[one] and (call('SISMEMBER', from.list .. 'l', one) == 1 or
        not leechers_only and call('SISMEMBER', from.list .. 'd', one) == 1) then
        picked[one] = true
        number = number + 1
      end
    end
  end
  -- Seeds are at the front, and sets give their members in the same order each time: begin anywhere.
  local place = math.floor(chance * 1009 % 1 * #peers) + 1
  for one in pairs(picked) do
    if not at[one] then
      while picked[peers[place]] do place = place % #peers + 1 end
      peers[place] = one
    end
  end
end

-- Some peers of a list, seeds and others in the proportion in which they are there.
local function take(base, from, share, leechers_only, self, chance)
  local peers = {}
  share = math.min(share, from.available)
  if share < 1 then return peers end
  local dones = math.floor(share * from.dones / from.available + chance)
  dones = math.max(share - from.rests, math.min(from.dones, dones))
  draw(peers, from.list .. 'd', dones, from.self_done)
  draw(peers, from.list .. 'l', share - dones, from.self_rest)
  if from.field and #peers > 0 and from.size > #peers then
    name(base, from, peers, leechers_only, self, chance)
  end
  return peers
end

-- Peers of a kind, with a share for each host: an asker never gets itself.
local function choose(base, kind, room, leechers_only, self, chance)
  local all = source(base .. kind, nil, leechers_only, self)
  local hosts = call('SRANDMEMBER', base .. kind .. 'c', ${MAX_LOOKED})
  if #hosts == 0 then return take(base, all, room, leechers_only, self, chance) end
  local from, sizes = {}, {}
  -- Where all of them are there, they always come in the same order.
  local begin = math.floor(chance * #hosts)
  for i = 1, #hosts do
    local host = hosts[(begin + i) % #hosts + 1]
    from[i] = source(crowd(base, kind, host), kind .. ':' .. host, leechers_only, self)
    sizes[i] = from[i].available
  end
  local rest = call('SCARD', base .. kind .. 'c') - #hosts
  -- The digits behind those that chose where to begin.
  local shares = shares_of(room, all.available, sizes, rest, chance * #hosts % 1)
  local ours = room
  for _, share in ipairs(shares) do ours = ours - share end
  local peers = take(base, all, ours, leechers_only, self, chance)
  for i, share in ipairs(shares) do
    for _, one in ipairs(take(base, from[i], share, leechers_only, self, chance)) do
      peers[#peers + 1] = one
    end
  end
  return peers
end
`;

/**
 * KEYS: the root, and a name beside it (`scriptKeys`). ARGV: info hash in hex; now (s); the asker's kind, address, and
 * state, empty where it is not kept; "1" where it says that it completed; its peer ID and key; its
 * facts; how many peers it wants; how it keeps time (`timekeeping`); a random number below 1; and
 * kinds to give peers of, the nearest first: IPv4, then IPv6, with a space between; "1" where seeds
 * are of use to it; and most empty swarms.
 *
 * Answers interval, seeders, leechers, completed, then kinds and their peers side by side.
 */
export const ANNOUNCE_SCRIPT: string = `${COMMON}${LISTS}${CHOICE}
local hex, now, kind, address, state = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local identity, facts, wanted, chance = ARGV[7], ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[11])
local base = ROOT .. hex .. ':'
local member = kind .. ':' .. address

local function elsewhere(other)
  return has_key(identity) and call('HGET', base .. 'i', other .. ':' .. identity)
end

local before = call('HGET', base .. 'f', member)
local is_here = before and state ~= ''
-- What was seen of a client that keeps times of its own: the gap since, and its lease.
local gap, lease
if is_here and identity_of(before) == identity and ARGV[10] ~= 'obeys' and ARGV[10] ~= 'new' then
  local due, seen = call('ZSCORE', base .. 't', member), seen_at(before)
  if due then gap, lease = now - seen, tonumber(due) - seen end
end
if before and not is_here then
  remove(base, kind, address)
elseif not before then
  local moved = elsewhere(kind)
  before = moved and remove(base, kind, moved)
end
if ARGV[6] == '1' and before and sub(before, 1, 1) ~= 'S' then
  call('HINCRBY', base .. 'n', 'completed', 1)
end

local list, field
local is_fresh = not is_here
if is_here then
  local host = split(address)
  list = base .. kind
  if call('HGET', base .. 'h', kind .. ':' .. host) == '#' then
    list, field = crowd(base, kind, host), kind .. ':' .. host
  end
  local was = sub(before, 1, 1)
  if was ~= state then
    is_fresh = true
    count(base, was, -1)
    count(base, state, 1)
    if part(was) ~= part(state) then call('SMOVE', list .. part(was), list .. part(state), address) end
  end
  if identity_of(before) ~= identity then forget_identity(base, kind, address, before) end
elseif state ~= '' then
  if call('HSETNX', base .. 'n', 'since', now) == 1 then
    call('ZREM', EMPTY, hex)
    -- Trackers of version 0.1 counted under another key, and knew no clusters.
    local earlier = ROOT == '${
  SERVER_KEYS.roots[0]
}' and call('HGET', 'vt:' .. hex .. ':n', 'completed')
    if earlier then call('HSETNX', base .. 'n', 'completed', earlier) end
  end
  list, field = enlist(base, kind, address, state, chance)
  count(base, state, 1)
  -- When it is forgotten comes below, with the interval.
  call('ZADD', base .. 't', now, member)
end
if state ~= '' then
  local proof = is_here and prove(before, facts, now) or 0
  call('HSET', base .. 'f', member, state .. proof .. identity .. facts)
  if has_key(identity) then call('HSET', base .. 'i', kind .. ':' .. identity, address) end
  if field then heard(base, field, address, proof, state) end
end

local size, seeders, completed, since, uncounted = counts(base)
local counted = size - uncounted
local interval = math.min(${INTERVALS.longest},
  math.max(${INTERVALS.shortest}, math.ceil(counted / 2)))
if now - (since or now) < ${INTERVALS.young} and counted < ${INTERVALS.small} then
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
  call('ZADD', base .. 't', due, member)
  call('ZADD', SWARMS, 'LT', due, hex)
  -- Keys that are new have no such day yet; all others need a new one only once a day.
  if is_fresh or call('TTL', list .. part(state)) < ${
  LIFE - 86_400
} then renew(base, kind, list) end
elseif before then
  tidy(hex, base, now, false, tonumber(ARGV[15]))
end

local reply = {interval, seeders, size - seeders, completed}
for family = 12, 13 do
  local open = math.min(wanted, size)
  for other in string.gmatch(ARGV[family], '%S+') do
    if open > 0 then
      local self = other == kind and state ~= '' and address or elsewhere(other)
      local peers = choose(base, other, open, ARGV[14] ~= '1', self, chance)
      if #peers > 0 then
        open = open - #peers
        reply[#reply + 1] = other
        reply[#reply + 1] = table.concat(peers)
      end
    end
  end
end
return reply
`;
