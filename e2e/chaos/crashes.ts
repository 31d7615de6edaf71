/**
 * `npm run prove:crashes`: the whole system under 50 messages per second; each service in turn is killed with `kill -9`.
 * No acknowledged message may be lost, doubled or out of order, and every stream must be complete 30 s after the restart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '../../scripts/services.ts';
import { faultsOf, longestGapMs, printStages, type StageResult } from './report.ts';
import { runProof } from './run-proof.ts';

const MESSAGES_PER_SECOND = 50;
const PAIRS = 10;
const COMPLETE_WITHIN_MS = 30_000;

await runProof({ what: 'kill -9 of each service under load' }, async ({ system, newLoad }) => {
  const stages: StageResult[] = [];
  for (const { name } of SERVICES) {
    const load = await newLoad(MESSAGES_PER_SECOND, PAIRS);
    load.start();
    await sleep(4_000);
    console.log(`kill -9 ${name}`);
    await system.services[name].kill9();
    await system.services[name].ready();
    const back = Date.now();
    await sleep(6_000);
    await load.stop();
    const reports = await load.settle(COMPLETE_WITHIN_MS - 6_000);
    stages.push({
      stage: name,
      acknowledged: load.acknowledged,
      retries: load.retries,
      longestGapMs: longestGapMs(load),
      completeAfterMs: Date.now() - back,
      faults: [
        ...faultsOf(reports),
        ...(await load.checkHistory()),
        ...(load.unrecovered ? [`${load.unrecovered} streams were not recovered`] : []),
      ],
    });
    console.log(
      `  ${load.acknowledged} acknowledged, ${load.retries} retries (${[...load.reasons].map(([r, n]) => `${n}× ${r}`).join('; ')})`,
    );
    await load.close();
  }
  return printStages(stages);
});
