import { AccessTokenVerifier, bearerToken, type AuthenticatedUser, InternalTokens } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Inject, Injectable } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, makeServer, MessageType, type Server, type SubscribePayload } from 'graphql-ws';
import { GatewayConfig } from '../config.js';
import { SlowConsumerError } from '../graphql/live-queue.js';
import { clientHeadersOf } from '../clients/client-headers.js';
import { GraphqlContext } from '../graphql/graphql-context.js';
import { PublicErrors } from '../graphql/public-errors.js';
import { ProfileClient } from '../clients/profile.client.js';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OpenSockets } from './open-sockets.js';
import { OperationIds, ProtocolViolation } from './operation-ids.js';
import { SocketOperations } from './operations.js';

const INIT_WITHIN_MS = 5000;
const MAX_OPERATIONS_PER_SOCKET = 100;

interface Extra {
  socket: ClientSocket;
  operationIds: OperationIds;
}
type Connection = Context<Record<string, unknown>, Extra>;

/** The protocol on one socket. */
export interface ProtocolConnection {
  /** Handles one message of the client. Resolves when it is handled; for an operation, when the operation has ended. */
  receive(text: string): Promise<void>;
  /** Ends all operations. */
  closed(code: number, reason: string): Promise<void>;
}

/** graphql-transport-ws on the sockets of clients, with the same rules for an operation as over HTTP. */
@Injectable()
export class SocketProtocol {
  private readonly errors: PublicErrors;
  private server: Server<Extra> | null = null;

  constructor(
    private readonly config: GatewayConfig,
    private readonly verifier: AccessTokenVerifier,
    private readonly internalTokens: InternalTokens,
    private readonly sockets: OpenSockets,
    private readonly profiles: ProfileClient,
    private readonly schemaHost: GraphQLSchemaHost,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    this.errors = new PublicErrors(logger, { suggestions: config.nodeEnv !== 'production' });
  }

  open(socket: ClientSocket): ProtocolConnection {
    const operationIds = new OperationIds();
    let handle: (message: string) => Promise<void> = async () => undefined;
    // The schema exists only after the modules have started.
    this.server ??= this.createServer();
    const closed = this.server.opened(
      {
        protocol: socket.protocol,
        send: async (text) => {
          const encoded = operationIds.encode(text);
          if (encoded !== null) await socket.send(encoded);
        },
        close: (code, reason) => socket.close(code ?? 1000, reason ?? ''),
        onMessage: (listener) => (handle = listener),
      },
      { socket, operationIds },
    );
    const receive = async (text: string) => {
      const message = operationIds.decode(text);
      if (message === null) return;
      const isOperation = message.type === MessageType.Subscribe;
      if (isOperation) operationIds.running += 1;
      try {
        // graphql-ws takes a message that is parsed already, too.
        await handle(message as unknown as string);
      } finally {
        if (isOperation) operationIds.running -= 1;
      }
    };
    return {
      closed: async (code, reason) => closed(code, reason),
      receive: (text) =>
        receive(text).catch((error: unknown) => {
          if (error instanceof ProtocolViolation) return socket.close(error.code, error.message);
          this.logger.error({ error }, 'a message of a socket failed');
          socket.close(CLOSE_CODES.internal, 'Internal error');
        }),
    };
  }

  private createServer(): Server<Extra> {
    const operations = new SocketOperations(this.schemaHost.schema, this.logger, this.config);
    return makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: (connection) => this.signIn(connection),
      onSubscribe: (connection, _id, payload) => this.begin(connection, payload, operations),
      execute: (args) => operations.execute(args as ExecutionArgs),
      subscribe: (args) =>
        operations.subscribe(args as ExecutionArgs, (error) => this.endStream((args.contextValue as SocketGraphqlContext).socket, error)),
      onNext: (_connection, _id, _payload, _args, result) => this.withPublicErrors(result),
      onError: (_connection, _id, _payload, errors) => errors.map((error) => this.errors.format(error)),
    });
  }

  /** connection_init: the token is looked at once; the socket lives as long as its session. */
  private async signIn({ connectionParams, extra }: Connection): Promise<boolean> {
    const { socket } = extra;
    const token = bearerToken(String(connectionParams?.authorization ?? connectionParams?.Authorization ?? ''));
    if (token === undefined) return false;
    try {
      const { userId, sessionId } = await this.verifier.verify(token);
      socket.caller = this.callerFor(userId, sessionId);
      this.sockets.signIn(socket, sessionId);
      return true;
    } catch (error) {
      // Who cannot be verified now may come back; who is refused need not.
      if (error instanceof AppError && error.kind === 'unauthenticated') return false;
      this.logger.warn({ error }, 'a socket could not be signed in');
      socket.close(CLOSE_CODES.tryAgainLater, 'Try again later');
      return false;
    }
  }

  /** The access token may run out while the socket is open, so work on its behalf goes under the gateway's own tokens. */
  private callerFor(userId: string, sessionId: string): AuthenticatedUser {
    const { internalTokens } = this;
    return {
      userId,
      sessionId,
      kind: 'user',
      get token() {
        return internalTokens.issue(userId, sessionId);
      },
    };
  }

  private begin({ extra: { socket, operationIds } }: Connection, payload: SubscribePayload, operations: SocketOperations) {
    const { caller } = socket;
    if (!caller) return [new GraphQLError('Sign in first', { extensions: { code: 'UNAUTHENTICATED' } })];
    if (operationIds.running > MAX_OPERATIONS_PER_SOCKET)
      return [
        new GraphQLError('Too many operations at a time on this socket', { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }),
      ];
    return operations.prepare(payload, new SocketGraphqlContext(socket, caller, this.profiles, this.config.trustedProxies));
  }

  private withPublicErrors(result: ExecutionResult): object | undefined {
    return result.errors ? { ...result, errors: result.errors.map((error) => this.errors.format(error)) } : undefined;
  }

  private endStream(socket: ClientSocket, error: unknown): void {
    if (error instanceof SlowConsumerError) {
      socket.close(CLOSE_CODES.tryAgainLater, 'Too slow');
      return;
    }
    this.logger.warn({ error }, 'a stream ended; its client may come back with its cursor');
    socket.close(CLOSE_CODES.restart, 'Come back');
  }
}

/** The context of what a socket asks. */
class SocketGraphqlContext extends GraphqlContext {
  constructor(
    readonly socket: ClientSocket,
    caller: AuthenticatedUser,
    profiles: ProfileClient,
    trustedProxies: number,
  ) {
    super(
      {},
      () => Promise.resolve(caller),
      profiles,
      () => clientHeadersOf(socket.request, trustedProxies),
    );
  }
}
