/**
 * `npm run bench:accounts`: how long it takes until every service rejects a revoked session, and whether the time of a refused login or of
 * a password reset request depends on the existence of the account. Starts a system of its own, prints Markdown, and fails if a bound is exceeded.
 */
import { GraphqlClient } from '@chat/testkit/graphql-client';
import { main } from '../scripts/progress.ts';
import { withTemporarySystem } from '../scripts/temporary-system.ts';
import { measureAccountTiming } from './account-timing.ts';
import { measureRevocation } from './revocation.ts';

// TRUST_PROXY lets one machine act as clients with many addresses.
const ENV = { LOG_LEVEL: 'warn', TRUST_PROXY: '1', PASSWORD_QUEUE_LENGTH: '200' };

await main(() =>
  withTemporarySystem({ env: ENV }, async (system) => {
    const client = new GraphqlClient(system.urls.graphql, 64);
    const held = [await measureAccountTiming(client), await measureRevocation(client, system)];
    if (held.includes(false)) process.exitCode = 1;
    await client.close();
  }),
);
