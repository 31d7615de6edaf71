/**
 * `npm run prove:failovers`: the infrastructure answers under 50 messages per second, but not as before: a primary has become a standby, or
 * data was replaced. Afterwards every acknowledged message must arrive once and in order. `npm run prove:failovers -- read-only-database`
 * runs one of the faults.
 */
import { proveFaults } from './prove-faults.ts';
import { recreatedTopic } from './recreated-topic.ts';
import { readOnlyDatabase } from './read-only-database.ts';
import { RedisPair } from './redis-pair.ts';

const redis = new RedisPair();
await proveFaults('infrastructure that fails over under load', [readOnlyDatabase, redis.roleChange, recreatedTopic], redis);
