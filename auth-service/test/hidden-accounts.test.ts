import { eventually, randomEmail, randomUsername } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';
import { MailServer } from './kit/mail-server.js';
import { addedTo } from './kit/metrics.js';

// Where addresses must be confirmed first, a registration does not reveal whether an address has an account.

let server: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  server = await MailServer.start();
  service = await TestAuthService.start({ SMTP_URL: server.url, MAIL_FROM: 'chat@example.test', REQUIRE_VERIFIED_EMAIL: 'true' });
});
afterAll(async () => {
  await service?.stop();
  await server?.stop();
});

const register = (details: object) => service.post('/auth/register', newAccount(details));
const shown = ({ status, contentType, body }: Awaited<ReturnType<typeof register>>) => ({
  status,
  contentType,
  body: { ...body, requestId: undefined },
});

it('a taken address has the response of a new one, after the same hash', async () => {
  const email = randomEmail();
  const answers: unknown[] = [];
  for (const spelling of [email, email.toUpperCase()]) {
    const hashes = await addedTo('password_hash_duration_seconds', 'count', async () =>
      answers.push(shown(await register({ email: spelling }))),
    );
    expect(Object.values(hashes)).toEqual([1]);
  }
  expect(answers[0]).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  expect(answers[1]).toEqual(answers[0]);
});

it('of concurrent registrations with one address, all have the same response', async () => {
  const email = randomEmail();
  const answers = await Promise.all(Array.from({ length: 5 }, () => register({ email })));
  expect(new Set(answers.map((answer) => JSON.stringify(shown(answer))))).toHaveLength(1);
  const { rows } = await service.database.query('select 1 from accounts where email_normalised = $1', [email]);
  expect(rows).toHaveLength(1);
});

it('the owner of the address gets a mail without a link, and the account is not changed', async () => {
  const account = newAccount();
  const accountRow = async () => (await service.database.query('select * from accounts where email = $1', [account.email])).rows;
  await service.post('/auth/register', account);
  await server.mail(account.email);
  const before = await accountRow();
  await register({ email: account.email });
  const { raw } = await server.mail(account.email, 2);
  expect(raw).toContain('Subject: You have an account already');
  expect(raw).not.toMatch(/https?:|token/);
  expect(await accountRow()).toEqual(before);
  await eventually(async () => expect((await service.database.query('select 1 from mail_requests')).rows).toEqual([]));
});

it('a taken user name is a CONFLICT that does not name the address', async () => {
  const [email, username] = [randomEmail(), randomUsername()];
  await register({ email, username });
  for (const details of [{ username }, { email, username }]) {
    const { status, body } = await register(details);
    expect([status, body.code, body.fields]).toEqual([409, 'CONFLICT', ['username']]);
  }
});
