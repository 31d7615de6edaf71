/**
 * `npm run prove:kafka-outage`: Kafka is stopped for 20 s under 50 messages a second.
 * Sends must go on being accepted, and everything must arrive, once and in order, after its return.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, longestGapMs, printStages } from './report.ts';
import { runProof } from './run-proof.ts';

await runProof('Kafka away for 20 s under load', async ({ system, newLoad }) => {
  const kafka = system.infra.kafka;
  if (!kafka) throw new Error('this proof needs a Kafka of its own: unset KAFKA_BROKER');
  const load = await newLoad(50, 10);
  load.start();
  await sleep(5_000);
  console.log('stopping Kafka');
  await kafka.stop();
  const stopped = Date.now();
  const before = load.acknowledged;
  await sleep(20_000 - (Date.now() - stopped));
  const acceptedMeanwhile = load.acknowledged - before;
  console.log(`starting Kafka again; ${acceptedMeanwhile} sends were accepted while it was away`);
  await kafka.start();
  const back = Date.now();
  await sleep(3_000);
  await load.stop();
  const reports = await load.settle(60_000);
  const completeAfterMs = Date.now() - back;
  const faults = [...faultsOf(reports), ...(await load.checkHistory())];
  if (acceptedMeanwhile < 50 * 20 * 0.8) faults.push(`only ${acceptedMeanwhile} sends were accepted in 20 s`);
  if (load.unrecovered) faults.push(`${load.unrecovered} streams were not recovered`);
  await load.close();
  return printStages([
    { stage: 'Kafka', acknowledged: load.acknowledged, retries: load.retries, longestGapMs: longestGapMs(load), completeAfterMs, faults },
  ]);
});
