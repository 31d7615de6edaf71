import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { ClientHeaders } from '../clients/client-headers.js';
import { FromClient } from '../graphql/from-client.decorator.js';
import { CurrentUser } from '../graphql/current-user.decorator.js';
import { AuthClient } from '../clients/auth.client.js';
import { SessionArgs } from './session.args.js';
import { Session } from './session.types.js';

@Resolver(() => Session)
export class SessionsResolver {
  constructor(private readonly auth: AuthClient) {}

  @Query(() => [Session], { description: 'The one used last first; at most 500.' })
  async getSessions(@CurrentUser() user: AuthenticatedUser): Promise<Session[]> {
    const sessions = await this.auth.getSessions(user.token);
    return sessions.map(({ sessionId, ...session }) => ({ ...session, id: sessionId }));
  }

  @Mutation(() => Boolean, {
    description:
      'Its refresh token stops working at once, its access tokens and open sockets within one second. FORBIDDEN when it is another session than the one that asks, and the sign-in is older than ten minutes: sign in again.',
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
    description: 'How many sessions ended; the one that asks goes on. FORBIDDEN when the sign-in is older than ten minutes: sign in again.',
  })
  async revokeOtherSessions(@CurrentUser() user: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<number> {
    return (await this.auth.revokeOtherSessions(user.token, client)).revoked;
  }
}
