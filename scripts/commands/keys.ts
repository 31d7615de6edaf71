/** `npm run keys -- help`: starts auth-service/src/cli/keys.ts, by default on the local system. */
import { localAuthEnvironment } from '../local-auth-service.ts';
import { main } from '../progress.ts';
import { runCli } from '../run-cli.ts';

await main(() => runCli('auth-service/dist/cli/keys.js', localAuthEnvironment));
