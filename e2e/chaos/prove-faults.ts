import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { System } from '../../scripts/system.ts';
import { faultsOf, faultsOfLostLog, longestGapMs, printStages, type StageResult } from './report.ts';
import { runProof, type OwnInfra } from './run-proof.ts';

/** A fault of the infrastructure. `end` resolves when the part works again. */
export interface Fault {
  /** As it is chosen on the command line. */
  name: string;
  /** From the time at which `begin` has resolved to the end. */
  seconds: number;
  /** Whether sends must be accepted meanwhile; otherwise they are rejected and retried. */
  sendsGoOn: boolean;
  /** The fault deletes events that were published: streams may lack them, but not in silence. Every message stays in the history. */
  losesLog?: true;
  begin(system: System): Promise<unknown>;
  end(system: System): Promise<unknown>;
}

const MESSAGES_PER_SECOND = 50;
const COMPLETE_WITHIN_MS = 60_000;
/** For so long the load continues after the fault. */
const LOAD_AFTER_MS = 3_000;
/** Long enough that messages are sent after the streams were told. */
const LOAD_AFTER_LOST_LOG_MS = 30_000;

/**
 * Runs a chaos test: a system under 50 messages per second suffers one fault after the other, or those that the command line names. After
 * each, every acknowledged message must arrive once and in order, every stream must be recovered unless the log was lost, and no record may
 * be a dead letter.
 */
export async function proveFaults(what: string, faults: readonly Fault[], ownInfra?: OwnInfra): Promise<void> {
  const names = process.argv.slice(2);
  const chosen = faults.filter(({ name }) => names.length === 0 || names.includes(name));
  await runProof({ what, ownInfra }, async ({ system, newLoad }) => {
    const stages: StageResult[] = [];
    for (const fault of chosen) {
      const load = await newLoad(MESSAGES_PER_SECOND, 10);
      load.start();
      await sleep(5_000);
      await fault.begin(system);
      const before = load.acknowledged;
      await sleep(fault.seconds * 1000);
      const acceptedMeanwhile = load.acknowledged - before;
      await fault.end(system);
      const endedAt = Date.now();
      console.log(`${fault.name}: over; ${acceptedMeanwhile} sends were accepted in its ${fault.seconds} s`);
      await sleep(fault.losesLog ? LOAD_AFTER_LOST_LOG_MS : LOAD_AFTER_MS);
      await load.stop();
      const reports = await load.settle(COMPLETE_WITHIN_MS);
      const found = fault.losesLog ? faultsOfLostLog(reports) : faultsOf(reports);
      const completeAfterMs = Date.now() - endedAt;
      found.push(...(await load.checkHistory()));
      if (fault.sendsGoOn && acceptedMeanwhile < MESSAGES_PER_SECOND * fault.seconds * 0.8)
        found.push(`only ${acceptedMeanwhile} sends were accepted`);
      if (load.unrecovered && !fault.losesLog) found.push(`${load.unrecovered} streams were not recovered`);
      found.push(...(await deadLettersOf(system)));
      stages.push({
        stage: `${fault.name}, ${fault.seconds} s`,
        acknowledged: load.acknowledged,
        retries: load.retries,
        longestGapMs: longestGapMs(load),
        completeAfterMs,
        faults: found,
      });
      await load.close();
    }
    return printStages(stages);
  });
}

async function deadLettersOf(system: System): Promise<string[]> {
  const admin = new Kafka({ brokers: [system.addresses.kafkaBroker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const faults: string[] = [];
    for (const topic of (await admin.listTopics()).filter((name) => name.endsWith('.dead-letter'))) {
      const letters = (await admin.fetchTopicOffsets(topic)).reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
      if (letters > 0) faults.push(`${letters} records in ${topic}`);
    }
    return faults;
  } finally {
    await admin.disconnect();
  }
}
