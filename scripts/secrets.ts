import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DATABASE_SERVICES } from './services.ts';

/** The secrets of one data directory: generated once, kept in its `secrets.json`, which only the owner can read. */
export interface Secrets {
  postgresPassword: string;
  /** By schema: the password of the service's login role. */
  databasePasswords: Record<string, string>;
  /** Signs requests between services on behalf of a socket. */
  internalApiSecret: string;
  /** auth-service derives from it the keys that must outlive a restart. */
  authSecret: string;
  /** True once a database outside of the data directory was set up with them: its content cannot be used without them. */
  usedElsewhere?: boolean;
}

export function loadSecrets(dataDir: string): Secrets {
  if (existsSync(secretsFile(dataDir))) return JSON.parse(readFileSync(secretsFile(dataDir), 'utf8')) as Secrets;
  const newSecret = () => randomBytes(32).toString('base64url');
  const secrets: Secrets = {
    postgresPassword: newSecret(),
    databasePasswords: Object.fromEntries(DATABASE_SERVICES.map(({ schema }) => [schema, newSecret()])),
    internalApiSecret: newSecret(),
    authSecret: newSecret(),
  };
  mkdirSync(dataDir, { recursive: true });
  save(dataDir, secrets);
  return secrets;
}

/** From now on `npm run reset` keeps them. */
export function markAsUsedElsewhere(dataDir: string, secrets: Secrets): void {
  if (!secrets.usedElsewhere) save(dataDir, { ...secrets, usedElsewhere: true });
}

export const secretsFile = (dataDir: string): string => path.join(dataDir, 'secrets.json');

function save(dataDir: string, secrets: Secrets): void {
  const file = secretsFile(dataDir);
  writeFileSync(`${file}.tmp`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}
