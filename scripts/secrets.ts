import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES } from './services.ts';

/** The secrets of one data directory: made once, kept in `secrets.json` there, readable by its owner only. */
export interface Secrets {
  postgresPassword: string;
  /** By schema: the password of the service's login role. */
  databasePasswords: Record<string, string>;
  /** Signs what services say to each other on behalf of a socket. */
  internalApiSecret: string;
  /** auth-service derives from it what must outlive a restart. */
  authSecret: string;
}

export function loadSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  const secrets: Secrets = {
    postgresPassword: newSecret(),
    databasePasswords: Object.fromEntries(SERVICES.flatMap(({ schema }) => (schema ? [[schema, newSecret()]] : []))),
    internalApiSecret: newSecret(),
    authSecret: newSecret(),
  };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600, flag: 'wx' });
  return secrets;
}

const newSecret = (): string => randomBytes(32).toString('base64url');
