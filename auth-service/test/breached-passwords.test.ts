import type { Log } from '@chat/shared/observability';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BreachedPasswords } from '../src/passwords/breached-passwords.js';
import { newAccount, TestAuthService } from './kit/auth-service.js';
import { MailServer, tokenIn } from './kit/mail-server.js';
import { RangeService, sha1 } from './kit/range-service.js';

const BREACHED = 'tractor umbrella lantern';
const NEW = 'another horse battery';

let ranges: RangeService;
let mails: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  ranges = new RangeService();
  mails = await MailServer.start();
  const url = await ranges.start();
  service = await TestAuthService.start({ BREACHED_PASSWORDS_URL: `${url}/`, SMTP_URL: mails.url, MAIL_FROM: 'chat@example.test' });
  ranges.breach(BREACHED, 42);
});
afterAll(async () => {
  await service?.stop();
  await mails?.stop();
  ranges?.stop();
});
beforeEach(() => {
  ranges.behaviour = 'answers';
  ranges.requests.length = 0;
});

const register = (password: string) => service.post('/auth/register', newAccount({ password }));
const refused = { status: 400, body: expect.objectContaining({ code: 'BAD_USER_INPUT', detail: expect.stringContaining('data breach') }) };

describe('a breached password', () => {
  it('is refused at registration, at a change and at a reset', async () => {
    expect(await register(BREACHED)).toMatchObject(refused);

    const ada = await service.register();
    const change = (newPassword: string) =>
      service.post('/auth/password/change', { currentPassword: ada.password, newPassword }, ada.accessToken);
    expect(await change(BREACHED)).toMatchObject(refused);

    await service.post('/auth/password/forgot', { email: ada.user.email });
    const links = () => mails.to(ada.user.email).filter(({ raw }) => raw.includes('/reset-password'));
    await eventually(() => links().length > 0);
    const reset = (newPassword: string) => service.post('/auth/password/reset', { token: tokenIn(links()[0]!.raw), newPassword });
    expect(await reset(BREACHED)).toMatchObject(refused);
    expect((await reset(NEW)).status).toBe(204);
  });

  it('is distinguished from padding, and every character counts', async () => {
    ranges.breach('padding has count zero', 0);
    expect((await register('padding has count zero')).status).toBe(201);
    expect((await register(`${BREACHED}s`)).status).toBe(201);
  });

  it('is not looked up at a sign-in', async () => {
    const ada = await service.register();
    ranges.requests.length = 0;
    expect((await service.post('/auth/login', { email: ada.user.email, password: ada.password })).status).toBe(200);
    expect(ranges.requests).toEqual([]);
  });
});

it('the lookup sends five hex digits of its hash, and nothing else about the user', async () => {
  const account = newAccount({ password: 'marmalade on the moon' });
  await service.post('/auth/register', account);
  const [request, ...more] = ranges.requests;
  expect([more, request!.method, request!.url]).toEqual([[], 'GET', `/range/${sha1(account.password).slice(0, 5)}`]);
  expect(request!.headers).toEqual({
    host: expect.any(String),
    connection: expect.any(String),
    accept: '*/*',
    'accept-language': '*',
    'accept-encoding': expect.any(String),
    'sec-fetch-mode': 'cors',
    'user-agent': 'chat-backend',
    'add-padding': 'true',
  });
});

it('a common password is refused without a lookup', async () => {
  expect((await register('password123')).status).toBe(400);
  expect(ranges.requests).toEqual([]);
});

describe('while the service of breached passwords is unavailable', () => {
  it('the lookup is retried', async () => {
    ranges.behaviour = 'fails once';
    expect(await register(BREACHED)).toMatchObject(refused);
    expect(ranges.requests).toHaveLength(2);
  });

  it.each(['fails', 'redirects'] as const)('passwords are accepted: it %s', async (behaviour) => {
    ranges.behaviour = behaviour;
    expect((await register(BREACHED)).status).toBe(201);
    expect(ranges.requests).toHaveLength(2);
  });

  it('the log has a line about the accepted password, without the password', async () => {
    ranges.behaviour = 'fails';
    const warnings: unknown[][] = [];
    const logger = { warn: (...line: unknown[]) => warnings.push(line) } as unknown as Log;
    expect(await new BreachedPasswords(service.config, logger).includes(BREACHED)).toBe(false);
    expect(warnings).toEqual([
      [
        { reason: 'the service of breached passwords answered 503' },
        'password accepted without a lookup of breached passwords: the service is unavailable',
      ],
    ]);
  });

  it('passwords are accepted after two seconds: it does not respond', async () => {
    ranges.behaviour = 'is silent';
    const startedAt = performance.now();
    expect((await register(BREACHED)).status).toBe(201);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(1900);
    // The bound is generous because other tests share the machine; without a deadline it would be minutes.
    expect(tookMs).toBeLessThan(6000);
  });
});

it('nothing is looked up without an address', async () => {
  const alone = await TestAuthService.start();
  try {
    expect((await alone.post('/auth/register', newAccount({ password: BREACHED }))).status).toBe(201);
    expect(ranges.requests).toEqual([]);
  } finally {
    await alone.stop();
  }
});
