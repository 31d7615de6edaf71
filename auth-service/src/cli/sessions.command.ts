import { parseArgs } from 'node:util';
import { UsageError } from '@chat/shared/cli';
import { DatabaseConfig, loadConfig } from '@chat/shared/config';
import { canonicalId } from '@chat/shared/http';
import { createAuthDataSource } from '../data-source.js';
import { OperatorRevocation } from '../sessions/operator-revocation.js';

const HELP = `Revokes sessions, for an operator.

  sessions revoke --user <id>   all sessions of one user
  sessions revoke --all         all sessions of all users

auth-service refuses the sessions at once; other services refuse them, and open sockets are closed, within about two seconds. If no
auth-service is running, this happens when it starts. The users can sign in again, and find the revocation in their audit log.

Environment: DATABASE_URL or the DB_ variables, as for auth-service.`;

/** `sessions`: signs out one user or all users. */
export async function sessionsCommand(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { command, user, all } = parse(args);
  if (command === 'help') return HELP;
  if (command !== 'revoke') throw new UsageError(`There is no command "${command}".\n\n${HELP}`);
  if (all === (user !== undefined)) throw new UsageError(`"revoke" needs either --user or --all.\n\n${HELP}`);
  const userId = user === undefined ? null : canonicalId(user);
  if (user !== undefined && userId === null) throw new UsageError(`"${user}" is not the id of a user.`);
  const dataSource = await createAuthDataSource(loadConfig(DatabaseConfig, env)).initialize();
  try {
    const revocation = new OperatorRevocation(dataSource);
    const revoked = userId === null ? await revocation.ofAllUsers() : await revocation.ofUser(userId);
    if (revoked === null) throw new UsageError(`There is no user "${userId}".`);
    return `sessions revoked: ${revoked}`;
  } finally {
    await dataSource.destroy();
  }
}

function parse(args: string[]): { command: string; user: string | undefined; all: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { user: { type: 'string' }, all: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    return { command: values.help ? 'help' : (positionals[0] ?? 'help'), user: values.user, all: values.all };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${HELP}`);
  }
}
