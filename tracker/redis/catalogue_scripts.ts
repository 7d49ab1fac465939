/**
 * The catalogue in Redis: who shares it may add and remove at the same time.
 *
 * ```text
 * vt:catalogue       hash: info hash in hex -> record (redis_records.ts)
 * vt:catalogue:n     hash: epoch, a random number given when there was none; version, one more with
 *                    each change; bytes of all records
 * vt:catalogue:gone  sorted set: info hashes of what was taken out, by when (ms)
 * ```
 *
 * In a cluster they begin with `{vt:catalogue}`, so that they have one slot.
 *
 * A tracker that was away while a torrent was taken out still has it, and so may a Redis that was set
 * back: `gone` says which of both came later.
 *
 * @module
 */
import { MAX_ENTRIES } from "../contract/catalogue.ts";
import { LIFE } from "./swarm_scripts.ts";

/** Behind the catalogue's key: its state, and what was taken out. */
export const STATE = ":n";
export const GONE = ":gone";

/** Torrents of which it is remembered that they were taken out: the latest. */
export const MAX_GONE: number = 4 * MAX_ENTRIES;

const COMMON = `
local call = redis.call
local CATALOGUE, STATE, GONE = KEYS[1], KEYS[1] .. '${STATE}', KEYS[1] .. '${GONE}'

-- What a record says of its torrent: by, at (ms), owner, host.
local function facts_of(record)
  local line = string.match(record, '^[^\\n]*')
  local is_read, facts = pcall(cjson.decode, line)
  return is_read and type(facts) == 'table' and facts or {}
end

local function changed(bytes)
  call('HINCRBY', STATE, 'bytes', bytes)
  call('HINCRBY', STATE, 'version', 1)
  for _, key in ipairs({CATALOGUE, STATE, GONE}) do call('EXPIRE', key, ${LIFE}) end
end

-- Whether a torrent that a tracker has from earlier belongs in here: it was not taken out since, and
-- nobody published it earlier. Who was quicker after all was lost is not its owner.
local function is_wanted(hex, at)
  local gone = tonumber(call('ZSCORE', GONE, hex) or '')
  if gone and gone >= at then return false end
  local there = call('HGET', CATALOGUE, hex)
  return not there or at < (tonumber(facts_of(there).at) or 0)
end

local function take_out(hex, at)
  local length = call('HSTRLEN', CATALOGUE, hex)
  local was_there = call('HDEL', CATALOGUE, hex)
  call('ZADD', GONE, 'GT', at, hex)
  call('ZREMRANGEBYRANK', GONE, 0, -${MAX_GONE + 1})
  changed(-length)
  return was_there
end
`;

/**
 * ARGV: info hash in hex; record; most torrents; most bytes; a random number; when it was published
 * (ms) where a tracker has it from earlier, and empty where it is published now. Answers 1, 0 where
 * the torrent was there or was taken out later, and -1 where there is no room.
 */
export const ADD_TORRENT_SCRIPT: string = `${COMMON}
local hex, record, at = ARGV[1], ARGV[2], tonumber(ARGV[6])
local there = call('HGET', CATALOGUE, hex)
if at and not is_wanted(hex, at) or there and not at then return 0 end
local bytes = tonumber(call('HGET', STATE, 'bytes')) or 0
local more = #record - (there and #there or 0)
if not there and call('HLEN', CATALOGUE) >= tonumber(ARGV[3]) or bytes + more > tonumber(ARGV[4]) then
  return -1
end
call('HSETNX', STATE, 'epoch', ARGV[5])
call('HSET', CATALOGUE, hex, record)
changed(more)
return there and 0 or 1
`;

/**
 * ARGV: info hashes of what a tracker has, and when each was published (ms), in turns. Answers those
 * that it shall give back.
 */
export const WANTED_SCRIPT: string = `${COMMON}
local wanted = {}
for i = 1, #ARGV, 2 do
  if is_wanted(ARGV[i], tonumber(ARGV[i + 1])) then wanted[#wanted + 1] = ARGV[i] end
end
return wanted
`;

/**
 * ARGV: info hash in hex; now (ms); "1" where only its owner may, and the owner. Answers 1, 0 where it
 * was not there, and -1 where somebody else is its owner.
 */
export const REMOVE_TORRENT_SCRIPT: string = `${COMMON}
local record = call('HGET', CATALOGUE, ARGV[1])
if not record then return 0 end
local facts = facts_of(record)
if ARGV[3] == '1' and facts.owner ~= ARGV[4] then return -1 end
-- Clocks of trackers differ.
return take_out(ARGV[1], math.max(tonumber(ARGV[2]), tonumber(facts.at) or 0))
`;

/** ARGV: a random number; info hashes of what was taken out, and when (ms), in turns. */
export const BURY_SCRIPT: string = `${COMMON}
call('HSETNX', STATE, 'epoch', ARGV[1])
for i = 2, #ARGV, 2 do
  local record = call('HGET', CATALOGUE, ARGV[i])
  if not record or (tonumber(facts_of(record).at) or 0) <= tonumber(ARGV[i + 1]) then
    take_out(ARGV[i], ARGV[i + 1])
  end
end
return 0
`;
