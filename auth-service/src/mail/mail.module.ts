import { Module } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AuthConfig } from '../config.js';
import { AccountNotices } from './account-notices.js';
import { MailAllowances } from './mail-allowances.js';
import { MailFolder } from './mail-folder.js';
import { MailRequests } from './mail-requests.js';
import { MailSender } from './mail-sender.js';
import { MailTokens } from './mail-tokens.js';
import { MailTransport } from './mail-transport.js';
import { SmtpTransport } from './smtp-transport.js';

@Module({
  providers: [
    AccountNotices,
    MailAllowances,
    MailRequests,
    MailSender,
    MailTokens,
    {
      provide: MailTransport,
      inject: [AuthConfig, LOGGER],
      useFactory: ({ mail: { smtpUrl, from, dir } }: AuthConfig, logger: Log): MailTransport =>
        smtpUrl === undefined ? new MailFolder(dir, from, logger) : new SmtpTransport(smtpUrl, from),
    },
  ],
  exports: [AccountNotices, MailAllowances, MailRequests, MailSender, MailTokens],
})
export class MailModule {}
