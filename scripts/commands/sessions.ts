/** `npm run sessions -- help`: starts auth-service/src/cli/sessions.ts, by default on the local system. */
import { buildWhenChanged } from '../build.ts';
import { runAuthCommand } from '../local-auth-service.ts';
import { main } from '../progress.ts';

await main(async () => {
  await buildWhenChanged();
  await runAuthCommand('sessions');
});
