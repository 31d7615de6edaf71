/**
 * `npm run prove:outages`: each part of the infrastructure in turn is stopped under 50 messages per second. While Kafka, Redis or the
 * registry is unavailable, sends must be accepted; while PostgreSQL is unavailable, they are rejected and retried. After the part has
 * started again, every acknowledged message must arrive once and in order. `npm run prove:outages -- kafka` stops Kafka only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, longestGapMs, printStages, type StageResult } from './report.ts';
import { runProof } from './run-proof.ts';

const MESSAGES_PER_SECOND = 50;
const OUTAGES = [
  { part: 'kafka', seconds: 20, sendsGoOn: true },
  { part: 'redis', seconds: 10, sendsGoOn: true },
  { part: 'registry', seconds: 10, sendsGoOn: true },
  { part: 'postgres', seconds: 5, sendsGoOn: false },
] as const;
const COMPLETE_WITHIN_MS = 60_000;

const chosen = process.argv.slice(2).filter((name) => OUTAGES.some(({ part }) => part === name));

await runProof('parts of the infrastructure unavailable under load', async ({ system, newLoad }) => {
  const stages: StageResult[] = [];
  for (const { part, seconds, sendsGoOn } of OUTAGES) {
    if (chosen.length > 0 && !chosen.includes(part)) continue;
    const process = system.infra[part];
    if (!process) throw new Error(`this test must be able to stop ${part}: unset the variable with its address`);
    const load = await newLoad(MESSAGES_PER_SECOND, 10);
    load.start();
    await sleep(5_000);
    const stopping = Date.now();
    await process.stop();
    const before = load.acknowledged;
    await sleep(seconds * 1000 - (Date.now() - stopping));
    const acceptedMeanwhile = load.acknowledged - before;
    await process.start();
    const back = Date.now();
    console.log(`${part} is available again; ${acceptedMeanwhile} sends were accepted in the ${seconds} s without it`);
    await sleep(3_000);
    await load.stop();
    const faults = [...faultsOf(await load.settle(COMPLETE_WITHIN_MS))];
    const completeAfterMs = Date.now() - back;
    faults.push(...(await load.checkHistory()));
    if (sendsGoOn && acceptedMeanwhile < MESSAGES_PER_SECOND * seconds * 0.8) faults.push(`only ${acceptedMeanwhile} sends were accepted`);
    if (load.unrecovered) faults.push(`${load.unrecovered} streams were not recovered`);
    stages.push({
      stage: `${part}, ${seconds} s`,
      acknowledged: load.acknowledged,
      retries: load.retries,
      longestGapMs: longestGapMs(load),
      completeAfterMs,
      faults,
    });
    await load.close();
  }
  return printStages(stages);
});
