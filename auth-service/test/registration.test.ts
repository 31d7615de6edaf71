import { randomEmail, randomUsername } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start({ BCRYPT_COST: '10' });
});
afterAll(() => service?.stop());

const count = async (table: string) => Number((await service.database.query(`select count(*) from ${table}`)).rows[0].count);

it('creates an account and a session, and stores the fields as they were typed', async () => {
  const account = newAccount({
    email: `Ada.${randomEmail()}`,
    username: `Ada-${randomUsername().slice(0, 10)}`,
    firstName: 'Ada',
    lastName: ' ',
  });
  const { status, body, headers } = await service.post('/auth/register', account);
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toEqual({
    accessToken: expect.any(String),
    refreshToken: expect.stringMatching(/^[\w-]{43}$/),
    expiresInSeconds: 900,
    user: {
      userId: expect.any(String),
      email: account.email,
      username: account.username,
      provider: 'local',
      emailVerified: false,
      totpEnabled: false,
    },
  });
  expect((await service.get('/auth/me', body.accessToken)).body).toEqual(body.user);
  const summary = await service.summaryOf(body.user.userId);
  expect(summary.body).toEqual({
    userId: body.user.userId,
    username: account.username,
    firstName: 'Ada',
    lastName: null,
    registeredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
});

it('stores neither password nor refresh token in the database', async () => {
  const account = newAccount();
  const { refreshToken, user } = await service.register(account);
  const { rows } = await service.database.query(
    `select a::text || coalesce((select string_agg(t::text, '') from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = a.id), '') as stored
       from accounts a where a.id = $1`,
    [user.userId],
  );
  expect(rows[0].stored).not.toContain(account.password);
  expect(rows[0].stored).not.toContain(refreshToken);
  expect(rows[0].stored).not.toContain(Buffer.from(refreshToken).toString('hex'));
  expect(rows[0].stored).toContain('$2b$10$');
});

it('stores user agent and address of a sign-in as the gateway sends them', async () => {
  const { body } = await service.post('/auth/register', newAccount(), undefined, {
    'user-agent': 'chat-app/7',
    'x-forwarded-for': '192.0.2.7',
  });
  const { rows } = await service.database.query('select user_agent, host(ip_address) as ip from sessions where user_id = $1', [
    body.user.userId,
  ]);
  expect(rows).toEqual([{ user_agent: 'chat-app/7', ip: '192.0.2.7' }]);
});

describe('a taken name', () => {
  it('is a CONFLICT that names the field, without regard to case', async () => {
    const { user } = await service.register();
    const sameMail = await service.post('/auth/register', newAccount({ email: user.email.toUpperCase() }));
    const sameName = await service.post('/auth/register', newAccount({ username: user.username.toUpperCase() }));
    const both = await service.post('/auth/register', newAccount({ email: user.email, username: user.username }));
    expect([sameMail, sameName, both].map(({ status, body }) => [status, body.code, body.fields])).toEqual([
      [409, 'CONFLICT', ['email']],
      [409, 'CONFLICT', ['username']],
      [409, 'CONFLICT', ['email', 'username']],
    ]);
  });

  it('is given to one of 20 concurrent registrations', async () => {
    const username = randomUsername();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        service.post('/auth/register', newAccount({ username: n % 2 ? username : username.toUpperCase() })),
      ),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.fields[0] === 'username')).toBe(true);
    const { rows } = await service.database.query('select id from accounts where username_normalised = $1', [username]);
    expect(rows).toHaveLength(1);
  });

  it('one of 20 concurrent registrations with the same e-mail address succeeds', async () => {
    const email = randomEmail();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.post('/auth/register', newAccount({ email }))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'CONFLICT' && body.fields[0] === 'email')).toHaveLength(19);
  });
});

describe('bad input', () => {
  it.each([
    ['no e-mail address', { email: 'not an address' }],
    ['an e-mail address that is too long', { email: `${'a'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(4)}example.test` }],
    ['an e-mail address with a line end', { email: '"a\nbcc: b"@example.test' }],
    ['an e-mail address with half a character', { email: 'ada@\ud800.example.test' }],
    ['an e-mail address that is a list', { email: ['ada@example.test'] }],
    ['a user name that is too short', { username: 'ab' }],
    ['a user name that is too long', { username: 'a'.repeat(33) }],
    ['a user name with a space', { username: 'ada lovelace' }],
    ['a user name with a line end', { username: 'ad\na' }],
    ['a user name of look-alike letters', { username: 'аdа' }],
    ['a password of 7 characters', { password: '1234567' }],
    ['a password of 7 emoji', { password: '🔑'.repeat(7) }],
    ['a password of 257 characters', { password: 'p'.repeat(257) }],
    ['half a character in the password', { password: 'correct horse \ud83d' }],
    ['a first name that is too long', { firstName: 'a'.repeat(101) }],
    ['a NUL in a name', { lastName: 'Love\0lace' }],
    ['a number where text belongs', { username: 12_345 }],
    ['an object where text belongs', { email: { $ne: '' } }],
    ['a field that does not exist', { isAdmin: true }],
    ['a field of the prototype', { ['__proto__x']: {}, constructor: {} }],
  ])('refuses %s, and stores nothing', async (_, bad) => {
    const before = await count('accounts');
    const { status, body, contentType } = await service.post('/auth/register', { ...newAccount(), ...bad });
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(contentType).toContain('application/problem+json');
    expect(body.requestId).toEqual(expect.any(String));
    expect(JSON.stringify(body)).not.toMatch(/\bat \/|\.js:|\.ts:|select |insert |node_modules/);
    expect(await count('accounts')).toBe(before);
  });

  it.each([
    ['an empty body', ''],
    ['JSON that ends too soon', '{"email":'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('refuses %s', async (_, text) => {
    const { status, body } = await service.post('/auth/register', text);
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it('refuses a body of 1 MB', async () => {
    const { status, body } = await service.post('/auth/register', newAccount({ password: 'p'.repeat(1_048_576) }));
    expect([status, body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('stores metacharacters of SQL as text', async () => {
    const { user } = await service.register({ firstName: `'); drop table accounts; --` });
    const { body } = await service.summaryOf(user.userId);
    expect(body.firstName).toBe(`'); drop table accounts; --`);
  });
});

it.each(['outbox', 'refresh_tokens'])('stores nothing of a registration that cannot be stored completely: no %s', async (table) => {
  await service.database.query(`alter table ${table} rename to ${table}_away`);
  const account = newAccount();
  try {
    const { status, body } = await service.post('/auth/register', account);
    expect([status, body.code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(body)).not.toMatch(/outbox|refresh_tokens|relation/);
  } finally {
    await service.database.query(`alter table ${table}_away rename to ${table}`);
  }
  const { rows } = await service.database.query(
    'select 1 from accounts where email = $1 union all select 1 from outbox where payload like $2',
    [account.email, `%${account.username}%`],
  );
  expect(rows).toEqual([]);
  expect((await service.post('/auth/register', account)).status).toBe(201);
});
