import type { Redis } from 'ioredis';
import { FORGOTTEN_AFTER_MS, type Lane, LONGEST_WAIT_MS } from './lanes.js';
import type { Outcome, Turn, Turns } from './turns.js';

const PREFIX = 'auth:sign-in-pace:';

/** The same as LocalTurns.take, at once for all instances: hashes with f (failures) and n (when the next turn can begin, ms). */
const TAKE = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local longest, forget = tonumber(ARGV[1]), ARGV[2]
local function delay(failures, at)
  local free = tonumber(ARGV[at])
  if failures < free then return 0 end
  return math.min(tonumber(ARGV[at + 2]), tonumber(ARGV[at + 1]) * 2 ^ math.min(failures - free, 30))
end
local wait, failed = 0, {}
for i, key in ipairs(KEYS) do
  local at = i * 4 - 1
  local state = redis.call('HMGET', key, 'f', 'n')
  failed[i] = tonumber(state[1] or 0)
  if ARGV[at + 3] == '1' then wait = math.max(wait, tonumber(state[2] or 0) - now)
  else wait = math.max(wait, delay(failed[i], at)) end
end
if wait > longest then return {0, math.ceil(wait)} end
for i, key in ipairs(KEYS) do
  local next = now + wait + delay(failed[i] + 1, i * 4 - 1)
  redis.call('HSET', key, 'f', failed[i] + 1, 'n', string.format('%.0f', next))
  redis.call('PEXPIRE', key, forget)
end
return {1, math.ceil(wait)}`;

/** ARGV[1]: whether the first lane is cleared. A lane that is gone meanwhile stays gone. */
const TAKE_BACK = `
for i, key in ipairs(KEYS) do
  if i == 1 and ARGV[1] == '1' then redis.call('DEL', key)
  elseif tonumber(redis.call('HGET', key, 'f') or 0) > 0 then redis.call('HINCRBY', key, 'f', -1) end
end`;

/** Counts for all instances together. Rejects while Redis is away. */
export class RedisTurns implements Turns {
  constructor(private readonly redis: Redis) {}

  async take(lanes: Lane[]): Promise<Turn> {
    const rules = lanes.flatMap(({ freeFailures, firstDelayMs, maxDelayMs, oneAtATime }) => [
      freeFailures,
      firstDelayMs,
      maxDelayMs,
      oneAtATime ? 1 : 0,
    ]);
    const answer = await this.redis.eval(TAKE, lanes.length, ...keysOf(lanes), LONGEST_WAIT_MS, FORGOTTEN_AFTER_MS, ...rules);
    const [isTaken, ms] = answer as [number, number];
    return isTaken === 1 ? { waitMs: ms } : { retryAfterMs: ms };
  }

  async settle(lanes: Lane[], outcome: Outcome): Promise<void> {
    if (outcome === 'wrong') return;
    await this.redis.eval(TAKE_BACK, lanes.length, ...keysOf(lanes), outcome === 'right' ? 1 : 0);
  }
}

function keysOf(lanes: Lane[]): string[] {
  return lanes.map(({ key }) => PREFIX + key);
}
