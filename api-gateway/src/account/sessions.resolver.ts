import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type ClientHeaders, FromClient } from '../graphql/client-request.js';
import { SignedIn } from '../graphql/signed-in.decorator.js';
import { AuthClient } from '../services/auth.client.js';
import { SessionArgs } from './session.args.js';
import { Session } from './session.types.js';

@Resolver(() => Session)
export class SessionsResolver {
  constructor(private readonly auth: AuthClient) {}

  @Query(() => [Session], { description: 'The one used last first; at most 500.' })
  async getSessions(@SignedIn() caller: AuthenticatedUser): Promise<Session[]> {
    const sessions = await this.auth.getSessions(caller.token);
    return sessions.map(({ sessionId, ...session }) => ({ ...session, id: sessionId }));
  }

  @Mutation(() => Boolean, {
    description:
      'Its refresh token stops working at once, its access tokens and open sockets within one second. FORBIDDEN when it is another session than the one that asks, and the sign-in is older than ten minutes: sign in again.',
  })
  async revokeSession(
    @SignedIn() caller: AuthenticatedUser,
    @Args() { sessionId }: SessionArgs,
    @FromClient() client: ClientHeaders,
  ): Promise<boolean> {
    await this.auth.revokeSession(sessionId, caller.token, client);
    return true;
  }

  @Mutation(() => Int, {
    description: 'How many sessions ended; the one that asks goes on. FORBIDDEN when the sign-in is older than ten minutes: sign in again.',
  })
  async revokeOtherSessions(@SignedIn() caller: AuthenticatedUser, @FromClient() client: ClientHeaders): Promise<number> {
    return (await this.auth.revokeOtherSessions(caller.token, client)).revoked;
  }
}
