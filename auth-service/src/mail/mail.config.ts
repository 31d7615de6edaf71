import { Env, type ConfigWithChecks, withCredentials } from '@chat/shared/config';

const DEFAULT_SENDER = 'Chat <no-reply@localhost>';

/** How mails are sent, and how long their links are valid. */
export class MailConfig implements ConfigWithChecks {
  @Env({
    name: 'SMTP_URL',
    type: 'secret',
    optional: true,
    description:
      'The mail server: smtp://user:password@host:587 or smtps://…:465. A user name is sent over TLS only, unless ?requireTLS=false is added. Empty: mails are stored in MAIL_DIR',
  })
  smtpUrl?: string;

  @Env({ name: 'SMTP_USERNAME', type: 'string', optional: true, description: 'User at the mail server, unless SMTP_URL has one' })
  smtpUsername?: string;

  @Env({ name: 'SMTP_PASSWORD', type: 'secret', optional: true, description: 'Password of that user; required with SMTP_USERNAME' })
  smtpPassword?: string;

  @Env({ name: 'MAIL_FROM', type: 'string', default: DEFAULT_SENDER, description: 'Sender of mails; required with SMTP_URL' })
  from: string;

  @Env({
    name: 'MAIL_DIR',
    type: 'string',
    default: '.data/mail',
    description: 'Without SMTP_URL: the folder in which mails are stored as .eml files',
  })
  dir: string;

  @Env({
    name: 'EMAIL_VERIFICATION_EXPIRATION',
    type: 'durationSeconds',
    default: 86_400,
    min: 900,
    max: 604_800,
    description: 'How long a link that confirms an e-mail address is valid',
  })
  verificationSeconds: number;

  @Env({
    name: 'PASSWORD_RESET_EXPIRATION',
    type: 'durationSeconds',
    default: 3600,
    min: 900,
    max: 86_400,
    description: 'How long a link that sets a new password is valid',
  })
  resetSeconds: number;

  @Env({
    name: 'REQUIRE_VERIFIED_EMAIL',
    type: 'boolean',
    default: false,
    description: 'true: an account gets no session before its e-mail address is confirmed',
  })
  requireVerified: boolean;

  validate(): string[] {
    if (this.smtpUrl === undefined) return [];
    const scheme = URL.canParse(this.smtpUrl) ? new URL(this.smtpUrl).protocol : '';
    const problems: string[] = [];
    if (!['smtp:', 'smtps:'].includes(scheme)) problems.push('SMTP_URL must begin with smtp:// or smtps://');
    else this.smtpUrl = withCredentials(this.smtpUrl, this.smtpUsername, this.smtpPassword);
    if ((this.smtpUsername === undefined) !== (this.smtpPassword === undefined))
      problems.push('SMTP_USERNAME and SMTP_PASSWORD must be set together');
    return this.from === DEFAULT_SENDER ? [...problems, 'MAIL_FROM is not set: mail servers reject mails without a sender'] : problems;
  }
}
