import { UsageError } from '@chat/shared/cli';
import { DatabaseConfig, Env, loadConfig, Section } from '@chat/shared/config';
import { createAuthDataSource } from '../data-source.js';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { signingKeyAt } from '../signing-keys/key-schedule.js';
import { SigningKeyStore } from '../signing-keys/signing-key-store.js';

const HELP = `The keys that sign access tokens.

  keys list             all keys, and the one that signs
  keys rotate           creates the next key. It is published at once and signs in 10 minutes; the current key is deleted when its last
                        token has expired. Users are not affected
  keys withdraw <kid>   for a key that may have been stolen: deletes it at once. Its access tokens are refused within minutes, and sockets
                        that were opened with them close within 15 minutes; clients get new tokens with their refresh tokens

Environment: AUTH_SECRET, and DATABASE_URL or the DB_ variables, as for auth-service.`;

class KeysConfig {
  @Env({ name: 'AUTH_SECRET', type: 'secret', min: 32, description: 'The secret of auth-service, which encrypts the signing keys' })
  authSecret: string;

  @Section(DatabaseConfig)
  database: DatabaseConfig;
}

/** `keys`: lists, rotates and withdraws signing keys. Every auth-service uses the change within half a minute. */
export async function keysCommand([command = 'help', kid = '']: string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (command === 'help' || command === '--help') return HELP;
  if (!['list', 'rotate', 'withdraw'].includes(command)) throw new UsageError(`There is no command "${command}".\n\n${HELP}`);
  if (command === 'withdraw' && kid === '') throw new UsageError(`"withdraw" needs the id of a key.\n\n${HELP}`);
  const config = loadConfig(KeysConfig, env);
  const dataSource = await createAuthDataSource(config.database).initialize();
  try {
    const store = new SigningKeyStore(dataSource, new DerivedKeys(config.authSecret).signingKeyEncryption);
    if (command === 'rotate') await store.rotate();
    if (command === 'withdraw' && !(await store.withdraw(kid))) throw new UsageError(`There is no key "${kid}".`);
    return await listOf(store);
  } finally {
    await dataSource.destroy();
  }
}

async function listOf(store: SigningKeyStore): Promise<string> {
  const now = new Date();
  const keys = await store.all();
  const signing = signingKeyAt(keys, now);
  const lines = keys.map((key) => {
    const state = key.kid === signing?.kid ? 'signs' : key.signsFrom > now ? 'waits' : 'verifies';
    return `${key.kid}  ${state.padEnd(8)}  from ${key.signsFrom.toISOString()}`;
  });
  return lines.length === 0 ? 'There are no keys: auth-service creates the first one when it starts.' : lines.join('\n');
}
