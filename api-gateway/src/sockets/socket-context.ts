import type { AuthenticatedUser, InternalTokens } from '@chat/shared/auth';
import { clientHeadersOf } from '../clients/client-headers.js';
import type { ProfileClient } from '../clients/profile.client.js';
import type { ByteBudget } from '../graphql/bounded-queue.js';
import { GraphqlContext } from '../graphql/graphql-context.js';
import type { SocketState } from './protocol-connection.js';

/** The access token may expire while the socket is open, so the gateway issues an internal token for each service that it calls. */
export function socketUser(userId: string, sessionId: string, internalTokens: InternalTokens): AuthenticatedUser {
  return { userId, sessionId, kind: 'user', token: (receiver) => internalTokens.issue(receiver, { userId, sessionId }) };
}

/** The context of an operation on a socket. */
export class SocketGraphqlContext extends GraphqlContext {
  override readonly liveBudget: ByteBudget;

  constructor(
    readonly state: SocketState,
    user: AuthenticatedUser,
    /** Aborted when the client has completed the operation or disconnected, or when it has been answered. */
    override readonly ended: AbortSignal,
    profiles: ProfileClient,
    trustedProxies: number,
  ) {
    super(
      {},
      () => Promise.resolve(user),
      profiles,
      () => clientHeadersOf(state.socket.request, trustedProxies),
    );
    this.liveBudget = state.socket;
  }
}
