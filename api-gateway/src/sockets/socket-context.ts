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
  /** Aborted when the client has completed the operation or disconnected, or when it has been answered. */
  override readonly ended: AbortSignal;
  override readonly liveBudget: ByteBudget;

  constructor(
    readonly state: SocketState,
    user: AuthenticatedUser,
    /** Of the operation, see OperationIds. */
    private readonly internalId: string,
    profiles: ProfileClient,
    trustedProxies: number,
  ) {
    super(
      {},
      () => Promise.resolve(user),
      profiles,
      () => clientHeadersOf(state.socket.request, trustedProxies),
    );
    this.ended = state.operationIds.endOf(internalId);
    this.liveBudget = state.socket;
  }

  /** Sends a result of the operation, which is JSON already, unless the operation has ended. Resolves when it is in the buffer. */
  async sendResult(result: string): Promise<void> {
    const { operationIds, socket } = this.state;
    const message = operationIds.resultMessage(this.internalId, result);
    if (message !== null) await socket.send(message);
  }
}
