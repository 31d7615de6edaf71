import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Account } from '../accounts/account.entity.js';
import { AuthConfig } from '../config.js';
import { isLink, type LinkPurpose } from './mail-purpose.js';
import type { MailRequest } from './mail-request.entity.js';
import { linkText, type MailText, noticeText } from './mail-texts.js';
import { MailTokens } from './mail-tokens.js';
import type { MailMessage } from './mail-transport.js';

/** Composes the mail of a request, with a new link if its purpose needs one. */
@Injectable()
export class MailComposer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly tokens: MailTokens,
  ) {}

  async compose(request: MailRequest, account: Account): Promise<MailMessage> {
    const { id, purpose, requestedAt } = request;
    const text = isLink(purpose) ? await this.#withLink(purpose, request, account) : noticeText(purpose, requestedAt);
    return { id, to: account.email, ...text };
  }

  async #withLink(purpose: LinkPurpose, { id, replacesLinks }: MailRequest, account: Account): Promise<MailText> {
    const { webAppUrl, mail } = this.config;
    const lifetimeSeconds = purpose === 'verify-email' ? mail.verificationSeconds : mail.resetSeconds;
    const token = await this.dataSource.transaction(async (manager) => {
      if (replacesLinks) await this.tokens.discard(manager, account.id, purpose);
      return this.tokens.issue(manager, { id, purpose }, account.id, lifetimeSeconds);
    });
    return linkText(purpose, { webAppUrl, token, lifetimeSeconds });
  }
}
