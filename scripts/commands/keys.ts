/** `npm run keys -- help`: looks at the keys that access tokens are signed with, and changes them. */
import { authDatabaseUrl, authModule } from '../local-auth-service.ts';
import { buildWhenChanged } from '../build.ts';
import { DATA_DIR } from '../paths.ts';
import { UserError, main } from '../progress.ts';
import { loadSecrets } from '../secrets.ts';

const HELP = `The keys that access tokens are signed with.

  npm run keys -- list             which there are, and which one signs
  npm run keys -- rotate           makes the next one: published at once, it signs in 10 minutes; the present one goes
                                   when no token of it is left. Nobody notices
  npm run keys -- withdraw <kid>   for a key that somebody else may have: it is gone at once. Access tokens of it are
                                   refused within minutes; clients go on with their refresh tokens

Works on the system that runs here; elsewhere give auth-service's DATABASE_URL and AUTH_SECRET.`;

const [command = 'help', kid = ''] = process.argv.slice(2);

await main(async () => {
  if (command === 'help' || command === '--help') return console.log(HELP);
  if (!['list', 'rotate', 'withdraw'].includes(command)) throw new UserError(`There is no command "${command}".\n\n${HELP}`);
  if (command === 'withdraw' && !kid) throw new UserError(`"withdraw" needs the id of a key.\n\n${HELP}`);
  await buildWhenChanged();
  const databaseUrl = authDatabaseUrl();
  const { DatabaseConfig } = await import('@chat/shared/config');
  const { createAuthDataSource } = await authModule<typeof import('../../auth-service/src/data-source.ts')>('data-source');
  const { SigningKeyStore } =
    await authModule<typeof import('../../auth-service/src/signing-keys/signing-key-store.ts')>('signing-keys/signing-key-store');
  const { signingKeyAt } =
    await authModule<typeof import('../../auth-service/src/signing-keys/key-schedule.ts')>('signing-keys/key-schedule');
  const { DerivedKeys } = await authModule<typeof import('../../auth-service/src/secrets/derived-keys.ts')>('secrets/derived-keys');
  const dataSource = await createAuthDataSource(DatabaseConfig.fromUrl(databaseUrl)).initialize();
  try {
    const store = new SigningKeyStore(dataSource, new DerivedKeys(authSecret()).signingKeyEncryption);
    if (command === 'rotate') await store.rotate();
    if (command === 'withdraw' && !(await store.withdraw(kid))) throw new UserError(`There is no key "${kid}".`);
    const keys = await store.all();
    const signing = signingKeyAt(keys, new Date());
    for (const key of keys) {
      const state = key.kid === signing?.kid ? 'signs' : key.signsFrom > new Date() ? 'waits' : 'verifies';
      console.log(`${key.kid}  ${state.padEnd(8)}  from ${key.signsFrom.toISOString()}`);
    }
  } finally {
    await dataSource.destroy();
  }
});

/** Given along with DATABASE_URL, else of the system that runs here. */
function authSecret(): string {
  if (process.env.AUTH_SECRET) return process.env.AUTH_SECRET;
  if (process.env.DATABASE_URL) throw new UserError('With DATABASE_URL, AUTH_SECRET is needed too.');
  return loadSecrets(DATA_DIR).authSecret;
}
