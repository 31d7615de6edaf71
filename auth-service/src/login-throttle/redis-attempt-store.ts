import { redisKey } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import type { AttemptStore, Outcome, Reservation } from './attempt-store.js';
import { FAILURE_WINDOW_MS, MAX_WAIT_MS, type ThrottleKey } from './throttle-keys.js';

const PREFIX = redisKey('auth:login-throttle:');

/** A key is a hash with f (failures) and n (earliest start of the next attempt, ms). ARGV has two numbers for all keys, then four per key. */
const COMMON = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function delay(failures, index)
  local at = index * 4 - 1
  local free = tonumber(ARGV[at])
  if failures < free then return 0 end
  return math.min(tonumber(ARGV[at + 2]), tonumber(ARGV[at + 1]) * 2 ^ math.min(failures - free, 30))
end
local function ms(number) return string.format('%.0f', number) end
`;

/** MemoryAttemptStore.reserve, for all instances together. */
const RESERVE = `${COMMON}
local wait, failed = 0, {}
for index, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'f', 'n')
  failed[index] = tonumber(state[1] or 0)
  if ARGV[index * 4 + 2] == '1' then wait = math.max(wait, tonumber(state[2] or 0) - now)
  else wait = math.max(wait, delay(failed[index], index)) end
end
if wait > tonumber(ARGV[1]) then return {0, math.ceil(wait)} end
for index, key in ipairs(KEYS) do
  if failed[index] > 0 then redis.call('HSET', key, 'n', ms(now + wait + delay(failed[index], index))) end
end
return {1, math.ceil(wait)}`;

/** MemoryAttemptStore.record of a wrong password. */
const COUNT_FAILURE = `${COMMON}
for index, key in ipairs(KEYS) do
  local failed = redis.call('HINCRBY', key, 'f', 1)
  if failed == 1 then redis.call('PEXPIRE', key, ARGV[2]) end
  local next = tonumber(redis.call('HGET', key, 'n') or 0)
  redis.call('HSET', key, 'n', ms(math.max(next, now + delay(failed, index))))
end`;

/** Counts for all instances together. Rejects while Redis is unavailable. */
export class RedisAttemptStore implements AttemptStore {
  constructor(private readonly redis: Redis) {}

  async reserve(keys: ThrottleKey[]): Promise<Reservation> {
    const [isReserved, ms] = (await this.#run(RESERVE, keys)) as [number, number];
    return isReserved === 1 ? { waitMs: ms } : { retryAfterMs: ms };
  }

  async record(keys: ThrottleKey[], outcome: Outcome): Promise<void> {
    if (outcome === 'right' && keys[0]) await this.redis.del(PREFIX + keys[0].key);
    if (outcome === 'wrong') await this.#run(COUNT_FAILURE, keys);
  }

  #run(script: string, keys: ThrottleKey[]): Promise<unknown> {
    const rules = keys.flatMap((rule) => [rule.freeFailures, rule.firstDelayMs, rule.maxDelayMs, rule.oneAtATime ? 1 : 0]);
    const names = keys.map(({ key }) => PREFIX + key);
    return this.redis.eval(script, keys.length, ...names, MAX_WAIT_MS, FAILURE_WINDOW_MS, ...rules);
  }
}
