import type { Redis } from 'ioredis';
import { FORGOTTEN_AFTER_MS, type Lane, LONGEST_WAIT_MS } from './lanes.js';
import type { Outcome, Turn, Turns } from './turns.js';

const PREFIX = 'auth:sign-in-pace:';

/** A lane is a hash with f (failures) and n (when the next turn can begin, ms); ARGV has two numbers of all, then four of each lane. */
const COMMON = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function delay(failures, lane)
  local at = lane * 4 - 1
  local free = tonumber(ARGV[at])
  if failures < free then return 0 end
  return math.min(tonumber(ARGV[at + 2]), tonumber(ARGV[at + 1]) * 2 ^ math.min(failures - free, 30))
end
local function ms(number) return string.format('%.0f', number) end
`;

/** LocalTurns.take, for all instances together. */
const TAKE = `${COMMON}
local wait, failed = 0, {}
for lane, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'f', 'n')
  failed[lane] = tonumber(state[1] or 0)
  if ARGV[lane * 4 + 2] == '1' then wait = math.max(wait, tonumber(state[2] or 0) - now)
  else wait = math.max(wait, delay(failed[lane], lane)) end
end
if wait > tonumber(ARGV[1]) then return {0, math.ceil(wait)} end
for lane, key in ipairs(KEYS) do
  if failed[lane] > 0 then redis.call('HSET', key, 'n', ms(now + wait + delay(failed[lane], lane))) end
end
return {1, math.ceil(wait)}`;

/** LocalTurns.settle of a wrong password. */
const COUNT = `${COMMON}
for lane, key in ipairs(KEYS) do
  local failed = redis.call('HINCRBY', key, 'f', 1)
  if failed == 1 then redis.call('PEXPIRE', key, ARGV[2]) end
  local next = tonumber(redis.call('HGET', key, 'n') or 0)
  redis.call('HSET', key, 'n', ms(math.max(next, now + delay(failed, lane))))
end`;

/** Counts for all instances together. Rejects while Redis is away. */
export class RedisTurns implements Turns {
  constructor(private readonly redis: Redis) {}

  async take(lanes: Lane[]): Promise<Turn> {
    const [isTaken, ms] = (await this.#run(TAKE, lanes)) as [number, number];
    return isTaken === 1 ? { waitMs: ms } : { retryAfterMs: ms };
  }

  async settle(lanes: Lane[], outcome: Outcome): Promise<void> {
    if (outcome === 'right' && lanes[0]) await this.redis.del(PREFIX + lanes[0].key);
    if (outcome === 'wrong') await this.#run(COUNT, lanes);
  }

  #run(script: string, lanes: Lane[]): Promise<unknown> {
    const rules = lanes.flatMap((lane) => [lane.freeFailures, lane.firstDelayMs, lane.maxDelayMs, lane.oneAtATime ? 1 : 0]);
    const keys = lanes.map(({ key }) => PREFIX + key);
    return this.redis.eval(script, lanes.length, ...keys, LONGEST_WAIT_MS, FORGOTTEN_AFTER_MS, ...rules);
  }
}
