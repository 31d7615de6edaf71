/**
 * `npm run bench:accounts`: how fast a revoked session is out everywhere, and whether the time of a refused sign-in or of a request for a
 * new password tells if an account exists, on a system of its own. Prints Markdown; ends with an error when a bound is missed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { startSystem } from '../scripts/system.ts';
import { measureAccountTiming } from './account-timing.ts';
import { measureRevocation } from './revocation.ts';

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-bench-'));
const system = await startSystem({
  dataDir,
  logDir: path.join(dataDir, 'logs'),
  ports: 'free',
  // With a proxy in front, so that one machine can be many clients.
  env: { LOG_LEVEL: 'warn', TRUST_PROXY: '1', PASSWORD_QUEUE_LENGTH: '200' },
});
const client = new GraphqlClient(system.urls.graphql, 64);
try {
  const held = [await measureAccountTiming(client), await measureRevocation(client, system)];
  if (held.includes(false)) process.exitCode = 1;
} finally {
  await client.close();
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
