import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { AuthClient } from '../clients/auth.client.js';
import type { ClientHeaders } from '../clients/client-headers.js';
import { CurrentUser, FromClient } from '../graphql/parameters.js';
import { SessionArgs } from './account.args.js';
import { Session } from './account.types.js';

@Resolver(() => Session)
export class SessionsResolver {
  constructor(private readonly auth: AuthClient) {}

  @Query(() => [Session], { description: 'The sessions of the current user, the most recently used first; at most 500.' })
  async getSessions(@CurrentUser() user: AuthenticatedUser): Promise<Session[]> {
    const sessions = await this.auth.getSessions(user.token);
    return sessions.map(({ sessionId, ...session }) => ({ ...session, id: sessionId }));
  }

  @Mutation(() => Boolean, {
    description:
      'The refresh token of the session is rejected immediately. Its access tokens are rejected, and its open sockets closed, within one second. FORBIDDEN for a session other than the current one if the login was more than ten minutes ago: sign in again.',
  })
  async revokeSession(
    @CurrentUser() user: AuthenticatedUser,
    @Args() { sessionId }: SessionArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.revokeSession(sessionId, user.token, client);
    return true;
  }

  @Mutation(() => Int, {
    description:
      'Revokes every session of the account except the current one, and returns their number. FORBIDDEN if the login was more than ten minutes ago: sign in again.',
  })
  async revokeOtherSessions(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<number> {
    return (await this.auth.revokeOtherSessions(user.token, client)).revoked;
  }
}
