import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startSystem, type System } from '../../scripts/system.ts';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { SteadyLoad } from '@chat/testkit/load';

export interface ProofTools {
  system: System;
  client: GraphqlClient;
  /** A load of so many messages a second between so many new pairs, their streams open. */
  newLoad: (messagesPerSecond: number, pairs: number) => Promise<SteadyLoad>;
}

/** Starts a whole system on free ports and new data, runs the proof against it, stops all of it. Exit code 1 when the promise did not hold. */
export async function runProof(what: string, prove: (tools: ProofTools) => Promise<boolean>): Promise<void> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-proof-'));
  console.log(`Proof: ${what}`);
  const system = await startSystem({ dataDir, logDir: path.join(dataDir, 'logs'), ports: 'free', env: { LOG_LEVEL: 'warn' } });
  let held = false;
  try {
    const client = new GraphqlClient(system.urls.graphql);
    held = await prove({
      system,
      client,
      newLoad: async (messagesPerSecond, pairs) => {
        const load = new SteadyLoad(messagesPerSecond);
        await load.prepare(client, pairs);
        return load;
      },
    });
    await client.close();
  } catch (error) {
    console.error(error);
  } finally {
    await system.stop();
  }
  console.log(
    held ? '\nThe promise held: nothing lost, nothing twice, nothing out of order.' : `\nThe promise did NOT hold. Logs: ${dataDir}/logs`,
  );
  if (held) rmSync(dataDir, { recursive: true, force: true });
  process.exitCode = held ? 0 : 1;
}
