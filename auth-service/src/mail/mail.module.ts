import { Module } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AuthConfig } from '../config.js';
import { SecurityNotices } from './security-notices.js';
import { MailCleanup } from './mail-cleanup.js';
import { MailRateLimit } from './mail-rate-limit.js';
import { MailComposer } from './mail-composer.js';
import { FileMailTransport } from './file-mail-transport.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';
import { MailTokens } from './mail-tokens.js';
import { MailTransport } from './mail-transport.js';
import { SmtpTransport } from './smtp-transport.js';
import { VerificationMails } from './verification-mails.js';

@Module({
  providers: [
    SecurityNotices,
    MailCleanup,
    MailRateLimit,
    MailComposer,
    MailRequests,
    MailSender,
    MailTokens,
    VerificationMails,
    {
      provide: MailTransport,
      inject: [AuthConfig, LOGGER],
      useFactory: ({ mail: { smtpUrl, from, dir } }: AuthConfig, logger: Log): MailTransport =>
        smtpUrl === undefined ? new FileMailTransport(dir, from, logger) : new SmtpTransport(smtpUrl, from),
    },
  ],
  exports: [SecurityNotices, MailRateLimit, MailRequests, MailSender, MailTokens, VerificationMails],
})
export class MailModule {}
