import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { type ConfigError, Env, loadConfig, newInternalKeyPair } from './index.js';

class SampleConfig {
  @Env({ name: 'API_KEY', type: 'secret', description: 'Key' })
  apiKey: string;

  @Env({ name: 'TITLE', type: 'string', default: '', description: 'Title' })
  title: string;
}

const problemsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    loadConfig(SampleConfig, { NODE_ENV: 'production', ...env });
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

it.each([
  'chat-on-this-machine',
  'changeme',
  'change-me-to-at-least-32-random-characters',
  'postgres',
  'Password123!',
  'admin',
  'for-tests-only',
  'API_KEY',
  'your-secret-key-here',
  '<password of chat_service>',
  'super_secret_jwt_key_for_production',
  'a'.repeat(32),
  'abcabcabcabcabcabcabc',
  '12345678901234567890123456789012',
  '0123456789abcdef0123456789abcdef',
  'qwertyuiopqwertyuiop',
  'redis://chat-admin:chat-on-this-machine@redis:6379',
  'postgres://postgres:postgres@db/chat',
])('in production, refuses the sample value %s, and does not show it', (value) => {
  expect(problemsOf({ API_KEY: value })).toEqual([expect.stringMatching(/^API_KEY is a sample value, .*\bof its own$/)]);
  expect(problemsOf({ NODE_ENV: 'development', API_KEY: value })).toEqual([]);
});

it('accepts what is generated, passwords of operators, and addresses without a password', () => {
  const accepted = [
    ...Array.from({ length: 200 }, () => randomBytes(32).toString('base64url')),
    ...Array.from({ length: 200 }, () => randomBytes(16).toString('hex')),
    newInternalKeyPair().privateKey,
    'correct-horse-battery-staple',
    'x7!Kd2pQ',
    'redis://redis:6379',
    `smtp://chat:${randomBytes(9).toString('base64')}@mail.example:587`,
  ];
  expect(accepted.flatMap((value) => problemsOf({ API_KEY: value }))).toEqual([]);
});

it('allows sample values for what is no secret', () => {
  expect(problemsOf({ API_KEY: 'x7!Kd2pQ', TITLE: 'changeme' })).toEqual([]);
});
