import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { eventually, randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';
import { linkIn, MailServer } from './kit/mail-server.js';

const pending = async (service: TestAuthService) => (await service.database.query('select * from mail_requests')).rows;
const tryAgainNow = (service: TestAuthService) => service.database.query('update mail_requests set next_attempt_at = now()');
/** One attempt has failed, and the next one is due soon. */
const attempted = (service: TestAuthService) =>
  eventually(async () => {
    const { rows } = await service.database.query(
      "select attempts, next_attempt_at < now() + interval '30 seconds' as again from mail_requests",
    );
    expect(rows).toEqual([{ attempts: 1, again: true }]);
  });

describe('with a mail server', () => {
  let server: MailServer;
  let service: TestAuthService;
  beforeAll(async () => {
    server = await MailServer.start();
    service = await TestAuthService.start({
      SMTP_URL: server.url,
      MAIL_FROM: 'Chat <chat@example.test>',
      WEB_APP_URL: 'https://chat.example.test/app/',
    });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.stop();
  });

  it('sends a mail that every mail program shows, with the link on a line of its own', async () => {
    const ada = await service.register();
    const { raw } = await server.mail(ada.user.email);
    expect(raw).toContain('From: Chat <chat@example.test>');
    expect(raw).toContain(`To: ${ada.user.email}`);
    expect(raw).toContain('Auto-Submitted: auto-generated');
    expect(linkIn(raw)).toMatch(/^https:\/\/chat\.example\.test\/app\/verify-email#token=[\w-]{22}$/);
    expect(raw).toContain(`\r\n${linkIn(raw)}\r\n`);
  });

  it('the mail contains nothing that the user of the registration chose', async () => {
    const { user } = await service.register({ username: 'evil.example.test', firstName: 'https://evil.example.test', lastName: 'Evil' });
    expect((await server.mail(user.email)).raw).not.toMatch(/evil/i);
  });

  it('a request does not wait for the mail server', async () => {
    const release = server.hold();
    try {
      const ada = await service.register();
      await server.mail(ada.user.email);
      expect((await service.post('/auth/password/forgot', { email: ada.user.email })).status).toBe(204);
    } finally {
      release();
    }
    await eventually(async () => expect(await pending(service)).toEqual([]));
  });

  it('retries a mail that was not accepted, with the same link', async () => {
    const email = randomEmail();
    server.refusals.set(email, 'temporarily');
    await service.register({ email });
    await attempted(service);
    server.refusals.clear();
    await tryAgainNow(service);
    await server.mail(email);
    await eventually(async () => expect(await pending(service)).toEqual([]));
  });

  it('does not retry an address that the server does not know', async () => {
    const email = randomEmail();
    server.refusals.set(email, 'unknown address');
    await service.register({ email });
    await eventually(async () => expect(await pending(service)).toEqual([]));
    expect(server.to(email)).toEqual([]);
  });

  it('stops retrying after a day', async () => {
    const email = randomEmail();
    server.refusals.set(email, 'temporarily');
    await service.register({ email });
    await attempted(service);
    await service.database.query("update mail_requests set requested_at = now() - interval '25 hours'");
    await tryAgainNow(service);
    await eventually(async () => expect(await pending(service)).toEqual([]));
  });

  it('sends the mail of a crashed sender again, with the same link', async () => {
    const release = server.hold();
    const { user } = await service.register();
    const first = await server.mail(user.email);
    const [request] = await pending(service);
    release();
    await eventually(async () => expect(await pending(service)).toEqual([]));
    // The row that another instance finds if the sender crashed before deleting it.
    await service.database.query('insert into mail_requests select * from json_populate_record(null::mail_requests, $1)', [
      JSON.stringify({ ...request, next_attempt_at: new Date() }),
    ]);
    expect(linkIn((await server.mail(user.email, 2)).raw)).toBe(linkIn(first.raw));
  });

  it('stores no token that could be used, in any table', async () => {
    const email = randomEmail();
    server.refusals.set(email, 'temporarily');
    await service.register({ email });
    await attempted(service);
    server.refusals.clear();
    const { rows } = await service.database.query(
      'select (select string_agg(r::text, $1) from mail_requests r) || (select string_agg(t::text, $1) from mail_tokens t) as stored',
      [' '],
    );
    await tryAgainNow(service);
    const token = await server.token(email);
    expect(rows[0].stored).not.toContain(token);
    expect(rows[0].stored).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    expect(rows[0].stored).not.toContain(Buffer.from(token).toString('hex'));
  });
});

it('sends mails that were requested while the mail server was unavailable, also from another process', async () => {
  const server = await MailServer.start();
  const env = { SMTP_URL: server.url, MAIL_FROM: 'chat@example.test' };
  await server.stop();
  const service = await TestAuthService.start(env);
  try {
    const { user } = await service.register();
    await attempted(service);
    const { rows } = await service.database.query('select 1 from mail_tokens where user_id = $1', [user.userId]);
    expect(rows).toHaveLength(1);
  } finally {
    await service.stop();
  }
});

it('never sends a password in clear text', async () => {
  const server = await MailServer.start();
  const service = await TestAuthService.start({
    SMTP_URL: server.url.replace('://', '://chat:secret@'),
    MAIL_FROM: 'chat@example.test',
  });
  try {
    await service.register();
    await attempted(service);
    expect(server.received).toEqual([]);
  } finally {
    await service.stop();
    await server.stop();
  }
});

describe('without a mail server', () => {
  it('writes mails to a folder that only its own user can read', async () => {
    const service = await TestAuthService.start();
    try {
      const { user } = await service.register();
      const [file] = await eventually(async () => {
        const files = (await readdir(service.config.mail.dir)).filter((name) => name.endsWith('.eml'));
        expect(files).toHaveLength(1);
        return files;
      });
      const place = path.join(service.config.mail.dir, file!);
      const raw = await readFile(place, 'utf8');
      expect(raw).toContain(`To: ${user.email}`);
      expect(linkIn(raw)).toContain('http://localhost:8080/verify-email#token=');
      expect((await stat(place)).mode & 0o077).toBe(0);
    } finally {
      await service.stop();
    }
  });
});
