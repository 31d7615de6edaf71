/**
 * `npm run bench:accounts`: how long it takes until every service rejects a revoked session, and whether the time of a refused login or of
 * a password reset request depends on the existence of the account. Starts a system of its own, prints Markdown, and fails if a bound is exceeded.
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
  // TRUST_PROXY lets one machine act as clients with many addresses.
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
