/** `npm run sessions -- help`: signs out one user, or everybody. */
import { parseArgs } from 'node:util';
import { authDatabaseUrl, authModule } from '../local-auth-service.ts';
import { buildWhenChanged } from '../build.ts';
import { UserError, main } from '../progress.ts';

const HELP = `Ends sessions, for an operator.

  npm run sessions -- revoke --user <id>   all sessions of one user
  npm run sessions -- revoke --all         all sessions of everybody

auth-service refuses them at once, everybody else and open sockets within about two seconds (without a running auth-service:
when it starts). Whoever is out can sign in again, and finds it in the security log.
Works on the system that runs here; elsewhere give auth-service's DATABASE_URL.`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

await main(async () => {
  const { command, user, all } = read();
  if (command === 'help') return console.log(HELP);
  if (command !== 'revoke') throw new UserError(`There is no command "${command}".\n\n${HELP}`);
  if (all === (user !== undefined)) throw new UserError(`"revoke" needs either --user or --all.\n\n${HELP}`);
  if (user !== undefined && !UUID.test(user)) throw new UserError(`"${user}" is not the id of a user.`);
  await buildWhenChanged();
  const { DatabaseConfig } = await import('@chat/shared/config');
  const { createAuthDataSource } = await authModule<typeof import('../../auth-service/src/data-source.ts')>('data-source');
  const { OperatorRevocation } =
    await authModule<typeof import('../../auth-service/src/sessions/operator-revocation.ts')>('sessions/operator-revocation');
  const dataSource = await createAuthDataSource(DatabaseConfig.fromUrl(authDatabaseUrl())).initialize();
  try {
    const revocation = new OperatorRevocation(dataSource);
    const ended = user === undefined ? await revocation.ofAllUsers() : await revocation.ofUser(user);
    if (ended === null) throw new UserError(`There is no user "${user}".`);
    console.log(`sessions ended: ${ended}`);
  } finally {
    await dataSource.destroy();
  }
});

function read(): { command: string; user: string | undefined; all: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { user: { type: 'string' }, all: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    return { command: values.help ? 'help' : (positionals[0] ?? 'help'), user: values.user, all: values.all };
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${HELP}`);
  }
}
