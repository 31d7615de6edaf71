/** `npm run sessions -- help`: starts auth-service/src/cli/sessions.ts, by default on the local system. */
import { localAuthEnvironment } from '../local-auth-service.ts';
import { main } from '../progress.ts';
import { runCli } from '../run-cli.ts';

await main(() => runCli('auth-service/dist/cli/sessions.js', localAuthEnvironment));
