import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newInternalKeyPair, newInternalKeyVariables } from './internal-key-pair.js';
import { InternalIssuerConfig, InternalReceiverConfig } from './internal-keys.config.js';
import { loadConfig } from './load-config.js';

const { privateKey, publicKey } = newInternalKeyPair();
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  publicKeyEncoding: { format: 'der', type: 'spki' },
});

describe('INTERNAL_SIGNING_KEY', () => {
  it('is an Ed25519 private key in base64, with or without the lines of PEM', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${privateKey}\n-----END PRIVATE KEY-----\n`;
    for (const text of [privateKey, pem])
      expect(loadConfig(InternalIssuerConfig, { INTERNAL_SIGNING_KEY: text }).signingKey.asymmetricKeyType).toBe('ed25519');
  });

  it.each(['a shared secret of more than 32 characters', publicKey, rsa.privateKey.toString('base64'), privateKey.slice(8)])(
    'is nothing else, and is not shown (%#)',
    (text) => {
      const load = () => loadConfig(InternalIssuerConfig, { INTERNAL_SIGNING_KEY: text });
      expect(load).toThrow(/INTERNAL_SIGNING_KEY must be an Ed25519 private key/);
      expect(load).not.toThrow(new RegExp(text.slice(0, 12).replace(/[+/]/g, '.')));
    },
  );
});

describe('INTERNAL_PUBLIC_KEYS', () => {
  it('lists keys by service, two of one service during a rotation', () => {
    const entries = [
      `api-gateway:${publicKey}`,
      `api-gateway:${newInternalKeyPair().publicKey}`,
      `chat-service:${newInternalKeyPair().publicKey}`,
    ];
    const { publicKeys } = loadConfig(InternalReceiverConfig, { INTERNAL_PUBLIC_KEYS: entries.join(', ') });
    expect(publicKeys.map(({ issuer }) => issuer)).toEqual(['api-gateway', 'api-gateway', 'chat-service']);
  });

  it.each([
    publicKey,
    `unknown-service:${publicKey}`,
    'api-gateway:',
    `api-gateway:${privateKey}`,
    `api-gateway:${rsa.publicKey.toString('base64')}`,
  ])('has no other entry (%#)', (text) => {
    expect(() => loadConfig(InternalReceiverConfig, { INTERNAL_PUBLIC_KEYS: text })).toThrow(/INTERNAL_PUBLIC_KEYS/);
  });
});

it('npm run internal-keys makes the variables of all services, or those of one', () => {
  const all = newInternalKeyVariables(undefined);
  expect(all.match(/^INTERNAL_SIGNING_KEY=/gm)).toHaveLength(3);
  const list = /^INTERNAL_PUBLIC_KEYS=(.*)$/m.exec(all)![1]!;
  expect(loadConfig(InternalReceiverConfig, { INTERNAL_PUBLIC_KEYS: list }).publicKeys).toHaveLength(3);
  const one = newInternalKeyVariables('chat-service');
  expect(one.match(/^INTERNAL_SIGNING_KEY=/gm)).toHaveLength(1);
  expect(one).toMatch(/^INTERNAL_PUBLIC_KEYS=chat-service:[^,]+$/m);
  expect(() => newInternalKeyVariables('mail-service')).toThrow(/api-gateway, chat-service, profile-service/);
});
