/**
 * The catalogue in Redis: who shares it may add and remove at the same time.
 *
 * ```text
 * vt:catalogue    hash: info hash in hex -> record (redis_records.ts)
 * vt:catalogue:n  hash: epoch, a random number given when there was none; version, one more with each
 *                 change; bytes of all records
 * ```
 *
 * @module
 */
import { LIFE } from "./swarm_scripts.ts";

export const CATALOGUE_KEY = "vt:catalogue";
export const CATALOGUE_STATE_KEY = "vt:catalogue:n";

const COMMON = `
local call = redis.call
local CATALOGUE, STATE = '${CATALOGUE_KEY}', '${CATALOGUE_STATE_KEY}'
`;

/**
 * ARGV: info hash in hex; record; most torrents; most bytes; a random number. Answers 1, 0 where the
 * torrent was there, and -1 where there is no room.
 */
export const ADD_TORRENT_SCRIPT: string = `${COMMON}
if call('HEXISTS', CATALOGUE, ARGV[1]) == 1 then return 0 end
local bytes = tonumber(call('HGET', STATE, 'bytes')) or 0
if call('HLEN', CATALOGUE) >= tonumber(ARGV[3]) or bytes + #ARGV[2] > tonumber(ARGV[4]) then
  return -1
end
call('HSETNX', STATE, 'epoch', ARGV[5])
call('HSET', CATALOGUE, ARGV[1], ARGV[2])
call('HINCRBY', STATE, 'bytes', #ARGV[2])
call('HINCRBY', STATE, 'version', 1)
call('EXPIRE', CATALOGUE, ${LIFE})
call('EXPIRE', STATE, ${LIFE})
return 1
`;

/** ARGV: info hash in hex. Answers whether it was there: 1 or 0. */
export const REMOVE_TORRENT_SCRIPT: string = `${COMMON}
local length = call('HSTRLEN', CATALOGUE, ARGV[1])
if call('HDEL', CATALOGUE, ARGV[1]) == 0 then return 0 end
call('HINCRBY', STATE, 'bytes', -length)
call('HINCRBY', STATE, 'version', 1)
return 1
`;
