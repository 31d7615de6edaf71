import { loadConfig } from '@chat/shared/config';
import { internalKeysEnv } from '@chat/shared/testing';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { AuthConfig } from './config.js';

const env = {
  ...internalKeysEnv('auth-service'),
  AUTH_SECRET: randomBytes(32).toString('base64url'),
  DATABASE_URL: `postgres://auth_service:${randomBytes(9).toString('hex')}@127.0.0.1:5432/chat`,
};

it('has a default for everything but secrets and the database', () => {
  expect(loadConfig(AuthConfig, env)).toMatchObject({
    port: 3001,
    accessTokenSeconds: 900,
    refreshTokenSeconds: 2_592_000,
    bcryptCost: 10,
  });
});

it('sends mail links and sign-ins to the gateway if there is no web client', () => {
  const webAppUrl = (more: object) => loadConfig(AuthConfig, { ...env, PUBLIC_URL: 'https://chat.example.test', ...more }).webAppUrl;
  expect(webAppUrl({})).toBe('https://chat.example.test');
  expect(webAppUrl({ WEB_APP_URL: 'https://app.example.test/' })).toBe('https://app.example.test');
});

it('hashes harder in production', () => {
  expect(loadConfig(AuthConfig, { ...env, NODE_ENV: 'production' }).bcryptCost).toBe(12);
  expect(loadConfig(AuthConfig, { ...env, NODE_ENV: 'production', BCRYPT_COST: '11' }).bcryptCost).toBe(11);
});

it.each([
  ['AUTH_SECRET is not set', { AUTH_SECRET: '' }],
  ['AUTH_SECRET must be at least 32', { AUTH_SECRET: 'short' }],
  ['BCRYPT_COST must be at least 10', { BCRYPT_COST: '9' }],
  ['JWT_EXPIRATION must be', { JWT_EXPIRATION: 'soon' }],
  ['TOTP_TOLERANCE_STEPS must be at most 1', { TOTP_TOLERANCE_STEPS: '2' }],
  ['BREACHED_PASSWORDS_URL must be an address', { BREACHED_PASSWORDS_URL: 'pwned' }],
  ['BREACHED_PASSWORDS_URL must begin with https', { BREACHED_PASSWORDS_URL: 'ftp://pwned.example.test' }],
  ['REFRESH_TOKEN_EXPIRATION must be longer than JWT_EXPIRATION', { JWT_EXPIRATION: '1h', REFRESH_TOKEN_EXPIRATION: '30m' }],
])('refuses to start: %s', (problem, bad) => {
  expect(() => loadConfig(AuthConfig, { ...env, ...bad })).toThrow(problem);
});
