import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERNAL_ISSUERS, type InternalKeyPair, newInternalKeyPair } from '../shared/src/config/internal-key-pair.ts';
import { newSecret } from '../setup/src/secrets/new-secret.ts';
import { DATABASE_SERVICES } from './services.ts';

/** The secrets of one data directory: generated once, kept in its `secrets.json`, which only the owner can read. */
export interface Secrets {
  postgresPassword: string;
  /** By schema: the password of the service's login role. */
  databasePasswords: Record<string, string>;
  /** By service: the key pair with which it signs its requests to other services. */
  internalKeys: Record<string, InternalKeyPair>;
  /** auth-service derives from it the keys that must outlive a restart. */
  authSecret: string;
  /** True once a database outside of the data directory was set up with them: its content cannot be used without them. */
  usedElsewhere?: boolean;
}

export function loadSecrets(dataDir: string): Secrets {
  if (existsSync(secretsFile(dataDir))) return withInternalKeys(dataDir);
  const secrets: Secrets = {
    postgresPassword: newSecret(),
    databasePasswords: Object.fromEntries(DATABASE_SERVICES.map(({ schema }) => [schema, newSecret()])),
    internalKeys: newInternalKeys(),
    authSecret: newSecret(),
  };
  mkdirSync(dataDir, { recursive: true });
  save(dataDir, secrets);
  return secrets;
}

/** The data directory of an earlier build has none. */
function withInternalKeys(dataDir: string): Secrets {
  const stored = JSON.parse(readFileSync(secretsFile(dataDir), 'utf8')) as Omit<Secrets, 'internalKeys'> & Partial<Secrets>;
  const secrets = { ...stored, internalKeys: stored.internalKeys ?? newInternalKeys() };
  if (!stored.internalKeys) save(dataDir, secrets);
  return secrets;
}

const newInternalKeys = () => Object.fromEntries(INTERNAL_ISSUERS.map((issuer) => [issuer, newInternalKeyPair()]));

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
