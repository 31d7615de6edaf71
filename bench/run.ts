/**
 * `npm run bench -- [--one-core] [fixed] [steps] [idle] [memory]`: measures the path of a message on a system of its own, with fsync on.
 * All parts of it and the load generator run on one machine; with --one-core, the system on one core and the load generator on another.
 * Open loop: sends are due at random times, and a latency counts from the time at which the send was due, so no waiting time is omitted.
 * Prints Markdown. options.ts has the variables that change the size.
 */
import os from 'node:os';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { main } from '../scripts/progress.ts';
import { startSystem, type System } from '../scripts/system.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { measureFixedRates } from './fixed-rates.ts';
import { measureHighestRate } from './highest-rate.ts';
import { measureIdleSubscriptions } from './idle-subscriptions.ts';
import { measureIdleUsage } from './idle-usage.ts';
import { LoadGenerator } from './load-generator.ts';
import { onAllCores, onOneCore } from './one-core.ts';
import { optionsOf, type Options, type Part } from './options.ts';
import { PostgresCounters } from './postgres-counters.ts';
import { warmUp } from './warm-up.ts';

const ENV = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  // The pairs are few users that send much from one address, and sign in once.
  RATE_LIMIT_SCALE: '1000',
  JWT_EXPIRATION: '86400',
};

await main(async () => {
  const options = optionsOf(process.argv.slice(2), process.env);
  const startOnCores = options.oneCore ? await onOneCore() : onAllCores;
  const start: typeof startSystem = (system) => startOnCores(() => startSystem(system));
  await withTemporarySystem({ env: ENV, start }, (system) =>
    bench(system, options, () => startOnCores(() => system.services['api-gateway'].restart())),
  );
});

async function bench(system: System, options: Options, restartGateway: () => Promise<void>): Promise<void> {
  const isWanted = (...parts: Part[]) => parts.some((part) => options.parts.includes(part));
  const client = new GraphqlClient(system.urls.graphql, 128);
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
  const cores = options.oneCore ? 'the system on one core, the load generator on another' : 'system and load generator on all cores';
  console.log(`\n${machine}; ${cores}; ${options.pairs} pairs, 256-byte texts`);
  if (isWanted('fixed', 'steps', 'idle')) {
    const generator = new LoadGenerator(client);
    await generator.prepare(options.pairs);
    if (isWanted('fixed', 'steps')) await warmUp(generator, options.warmUpMessages);
    if (isWanted('fixed')) {
      const counters = await PostgresCounters.connect(system.addresses.databaseUrl);
      await measureFixedRates(generator, system, counters, options);
      await counters.close();
    }
    if (isWanted('steps')) await measureHighestRate(generator, system, options);
    if (isWanted('idle')) await measureIdleUsage(system, options);
    generator.close();
    // Free space in the heap of a gateway that was under load would hide the memory of subscriptions.
    if (isWanted('memory')) await restartGateway();
  }
  if (isWanted('memory')) await measureIdleSubscriptions(client, system, options.idleSockets);
  await client.close();
}
