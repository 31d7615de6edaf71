import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysCommand } from '../src/cli/keys.command.js';
import { sessionsCommand } from '../src/cli/sessions.command.js';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
let env: Record<string, string>;
beforeAll(async () => {
  service = await TestAuthService.start();
  env = { DATABASE_URL: service.config.database.url!, AUTH_SECRET: service.config.authSecret };
});
afterAll(() => service?.stop());

const UNKNOWN_USER = '0190c0de-0000-7000-8000-000000000000';

describe('the command for signing keys', () => {
  it('lists, rotates and withdraws keys with nothing but the database and the secret in its environment', async () => {
    const [first = ''] = (await keysCommand(['list'], env)).split('\n');
    expect(first).toMatch(/^\S+ {2}signs {5}from \d{4}-/);
    const [, next = ''] = (await keysCommand(['rotate'], env)).split('\n');
    expect(next).toMatch(/^\S+ {2}waits {5}from /);
    const left = await keysCommand(['withdraw', first.split(' ')[0]!], env);
    expect(left).toMatch(new RegExp(`^${next.split(' ')[0]} {2}signs {5}from [^\\n]*$`));
  });

  it.each([[['reservation']], [['withdraw']], [['withdraw', 'no-such-key']]])('refuses %j', async (args) => {
    await expect(keysCommand(args, env)).rejects.toMatchObject({ name: 'UsageError' });
  });

  it('names the variable that is missing', async () => {
    await expect(keysCommand(['list'], { DATABASE_URL: env.DATABASE_URL! })).rejects.toThrow(/AUTH_SECRET is not set/);
    await expect(keysCommand(['list'], { AUTH_SECRET: env.AUTH_SECRET! })).rejects.toThrow(/DATABASE_URL/);
  });
});

describe('the command for sessions', () => {
  const isSignedIn = async (token: string) => (await service.get('/auth/me', token)).status === 200;

  it('revokes the sessions of one user, however the id is spelled, and then those of all users', async () => {
    const [ada, ben] = [await service.register(), await service.register()];
    expect(await sessionsCommand(['revoke', '--user', ada.user.userId.toUpperCase()], env)).toBe('sessions revoked: 1');
    expect([await isSignedIn(ada.accessToken), await isSignedIn(ben.accessToken)]).toEqual([false, true]);
    expect(await sessionsCommand(['revoke', '--all'], env)).toBe('sessions revoked: 1');
    expect(await isSignedIn(ben.accessToken)).toBe(false);
  });

  it.each([
    [['revoke']],
    [['revoke', '--user', UNKNOWN_USER, '--all']],
    [['revoke', '--user', 'ada']],
    [['revoke', '--user', UNKNOWN_USER]],
    [['revoke', '--x']],
  ])('refuses %j', async (args) => {
    await expect(sessionsCommand(args, env)).rejects.toMatchObject({ name: 'UsageError' });
  });
});

it.each([
  ['keys', keysCommand],
  ['sessions', sessionsCommand],
])('%s explains itself without a database', async (name, command) => {
  expect(await command([], {})).toContain(`${name} `);
});
