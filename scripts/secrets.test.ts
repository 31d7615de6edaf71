import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadSecrets, markAsUsedElsewhere, secretsFile } from './secrets.ts';

it('generates the secrets of a data directory once, readable by the owner only, and remembers a database elsewhere', () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-secrets-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const secrets = loadSecrets(dataDir);
  expect(loadSecrets(dataDir)).toEqual(secrets);
  expect(new Set(Object.values(secrets.databasePasswords)).size).toBe(5);

  markAsUsedElsewhere(dataDir, secrets);
  expect(loadSecrets(dataDir)).toEqual({ ...secrets, usedElsewhere: true });
  expect(statSync(secretsFile(dataDir)).mode & 0o777).toBe(0o600);
});
