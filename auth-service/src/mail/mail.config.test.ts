import { loadConfig } from '@chat/shared/config';
import { expect, it } from 'vitest';
import { MailConfig } from './mail.config.js';

const server = { SMTP_URL: 'smtp://mail.example:587?requireTLS=false', MAIL_FROM: 'chat@example.com' };

it('takes user and password of the mail server from variables of their own, unless the address has them', () => {
  const user = { SMTP_USERNAME: 'chat@example.com', SMTP_PASSWORD: 'p@ss' };
  expect(loadConfig(MailConfig, { ...server, ...user }).smtpUrl).toBe('smtp://chat%40example.com:p%40ss@mail.example:587?requireTLS=false');
  expect(loadConfig(MailConfig, server).smtpUrl).toBe(server.SMTP_URL);
  const own = 'smtp://me:own@mail.example:587';
  expect(loadConfig(MailConfig, { ...server, ...user, SMTP_URL: own }).smtpUrl).toBe(own);
});

it('refuses a user without a password', () => {
  expect(() => loadConfig(MailConfig, { ...server, SMTP_USERNAME: 'chat' })).toThrow(
    /SMTP_USERNAME and SMTP_PASSWORD must be set together/,
  );
});
