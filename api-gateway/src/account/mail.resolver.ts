import { type AuthenticatedUser, Public } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { AuthClient } from '../clients/auth.client.js';
import { MailTokenArgs } from './mail-token.args.js';
import { RequestPasswordResetArgs } from './request-password-reset.args.js';
import { ResetPasswordArgs } from './reset-password.args.js';

/** What is done by links in mails. Each link works once, for a time, and only while it is the newest. */
@Resolver()
export class MailResolver {
  constructor(private readonly auth: AuthClient) {}

  @Mutation(() => Boolean, { description: 'Sends the link again. True without a mail when the address is confirmed already.' })
  async requestEmailVerification(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.requestEmailVerification(user.token, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean)
  async verifyEmail(@Args() args: MailTokenArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.verifyEmail(args, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean, { description: 'Always true, whether the address is known or not.' })
  async requestPasswordReset(@Args() args: RequestPasswordResetArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.requestPasswordReset(args, client);
    return true;
  }

  @Public()
  @Mutation(() => Boolean, { description: 'Revokes every session of the account.' })
  async resetPassword(@Args() args: ResetPasswordArgs, @FromClient() client: ClientHeaders): Promise<boolean> {
    await this.auth.resetPassword(args, client);
    return true;
  }
}
