import { createHash, createHmac } from 'node:crypto';
import type { Client } from 'pg';
import { expect, it } from 'vitest';
import { serverStatements } from './provision-statements.js';
import { scramVerifier } from './scram-verifier.js';

it('has the keys of the example of RFC 7677', () => {
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
  const [, storedKey, serverKey] = scramVerifier('pencil', Buffer.from(salt, 'base64'))!
    .match(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.{44}):(.{44})$/)!
    .map((key) => Buffer.from(key, 'base64'));
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`;
  const sign = (key: Buffer) => createHmac('sha256', key).update(message).digest();

  expect(sign(serverKey!).toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const clientKey = proof.map((byte, index) => byte ^ sign(storedKey!)[index]!);
  expect(createHash('sha256').update(clientKey).digest()).toEqual(storedKey);
});

it('no statement has the password of a role: a slow or failing one is in the log of PostgreSQL', async () => {
  const server = { query: async () => ({ rowCount: 0, rows: [{ rolsuper: true }] }) } as unknown as Client;
  const services = [{ schema: 'auth', role: 'auth_service', password: 'of-the-role' }];
  const statements = await serverStatements(server, { adminUrl: 'postgres://admin@db/postgres', database: 'chat', services });
  const sql = statements.map((one) => one.sql).join('\n');
  expect(sql).toContain(`create role "auth_service" login`);
  expect(sql).not.toContain('of-the-role');
});
