import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { InfraAddresses } from '../../scripts/infra/addresses.ts';
import { ignoreErrorsAfter, stopSignal, untilAborted } from '../../scripts/processes/stop-request.ts';
import { startSystem, type System } from '../../scripts/system.ts';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { SteadyLoad } from '@chat/testkit/load';

export interface ProofTools {
  system: System;
  client: GraphqlClient;
  /** Registers the pairs, opens their streams, and returns a load that sends at this rate. */
  newLoad: (messagesPerSecond: number, pairs: number) => Promise<SteadyLoad>;
}

/** Infrastructure that a chaos test starts itself, in place of that of the system. */
export interface OwnInfra {
  /** Returns its addresses. The logs belong into the folder `logs`. */
  start(dataDir: string): Promise<Partial<InfraAddresses>>;
  stop(): Promise<void>;
}

export interface Proof {
  what: string;
  ownInfra?: OwnInfra | undefined;
  /** More environment variables for every service. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Starts a system on free ports with new data, runs the chaos test against it, stops it, and ends this process. The exit code is 1 if the test
 * failed; its data and logs are kept then. After a Ctrl-C nothing is left.
 */
export async function runProof({ what, ownInfra, env }: Proof, prove: (tools: ProofTools) => Promise<boolean>): Promise<void> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-proof-'));
  const signal = stopSignal();
  ignoreErrorsAfter(signal);
  console.log(`Chaos test: ${what}`);
  let system: System | undefined;
  let held = false;
  try {
    const given = await ownInfra?.start(dataDir);
    system = await startSystem({
      dataDir,
      logDir: path.join(dataDir, 'logs'),
      ports: 'free',
      given,
      env: { LOG_LEVEL: 'warn', ...env },
      signal,
    });
    const client = new GraphqlClient(system.urls.graphql);
    const proving = prove({
      system,
      client,
      newLoad: async (messagesPerSecond, pairs) => {
        const load = new SteadyLoad(messagesPerSecond);
        await load.registerPairs(client, pairs);
        return load;
      },
    });
    held = await Promise.race([proving, untilAborted(signal)]);
    await client.close();
  } catch (error) {
    if (!signal.aborted) console.error(error);
  } finally {
    await system?.stop();
    await ownInfra?.stop();
  }
  if (held || signal.aborted) rmSync(dataDir, { recursive: true, force: true });
  if (signal.aborted) process.exit(1);
  console.log(held ? '\nPassed: no message lost, doubled or out of order.' : `\nFAILED. Logs: ${dataDir}/logs`);
  // The signal keeps the channel to the parent process open.
  process.exit(held ? 0 : 1);
}
