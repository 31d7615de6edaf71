import { AccessTokenVerifier, bearerToken, type AuthenticatedUser, InternalTokens } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Inject, Injectable } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import { type Context, makeServer, MessageType, type Server, type SubscribePayload } from 'graphql-ws';
import { GatewayConfig } from '../config.js';
import { SlowConsumerError } from '../graphql/live-queue.js';
import { clientHeadersOf } from '../clients/client-headers.js';
import { GraphqlContext } from '../graphql/graphql-context.js';
import { PublicErrors } from '../graphql/public-errors.js';
import { ProfileClient } from '../clients/profile.client.js';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OpenSockets } from './open-sockets.js';
import pLimit, { type LimitFunction } from 'p-limit';
import { OperationIds, ProtocolViolation } from './operation-ids.js';
import { SocketOperations } from './operations.js';

const INIT_WITHIN_MS = 5000;
const MAX_OPERATIONS_PER_SOCKET = 100;
/** Each may have a large answer, which is in memory until the client reads it. */
const MAX_QUERIES_AT_ONCE = 8;

interface Extra {
  socket: ClientSocket;
  operationIds: OperationIds;
  limitQueries: LimitFunction;
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
      { socket, operationIds, limitQueries: pLimit(MAX_QUERIES_AT_ONCE) },
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
      execute: (args) => this.execute(args as ExecutionArgs, operations),
      subscribe: (args) =>
        operations.subscribe(args as ExecutionArgs, (error) =>
          this.endStream((args.contextValue as SocketGraphqlContext).extra.socket, error),
        ),
      onNext: (_connection, _id, _payload, _args, result) => this.withPublicErrors(result),
      onError: (_connection, _id, _payload, errors) => errors.map((error) => this.errors.format(error)),
    });
  }

  /** The token of connection_init is verified once; the socket stays open as long as its session. */
  private async signIn({ connectionParams, extra }: Connection): Promise<boolean> {
    const { socket } = extra;
    const token = bearerToken(String(connectionParams?.authorization ?? connectionParams?.Authorization ?? ''));
    if (token === undefined) return false;
    try {
      const { userId, sessionId } = await this.verifier.verify(token);
      socket.user = this.userOf(userId, sessionId);
      this.sockets.signIn(socket, sessionId);
      return true;
    } catch (error) {
      // A refused token closes with 4403; one that cannot be verified at the moment with a code after which the client retries.
      if (error instanceof AppError && error.kind === 'unauthenticated') return false;
      this.logger.warn({ error }, 'a socket could not be signed in');
      socket.close(CLOSE_CODES.tryAgainLater, 'Try again later');
      return false;
    }
  }

  /** The access token may expire while the socket is open, so the gateway issues an internal token for each call to a service. */
  private userOf(userId: string, sessionId: string): AuthenticatedUser {
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

  private begin({ extra }: Connection, payload: SubscribePayload, operations: SocketOperations) {
    const { user } = extra.socket;
    if (!user) return [new GraphQLError('Sign in first', { extensions: { code: 'UNAUTHENTICATED' } })];
    if (extra.operationIds.running > MAX_OPERATIONS_PER_SOCKET)
      return [
        new GraphQLError('Too many operations at a time on this socket', { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }),
      ];
    return operations.prepare(payload, new SocketGraphqlContext(extra, user, this.profiles, this.config.trustedProxies));
  }

  /** Mutations start at once, in the order of their frames. Queries wait for each other, and for the client to read earlier answers. */
  private execute(args: ExecutionArgs, operations: SocketOperations): Promise<ExecutionResult> {
    if (getOperationAST(args.document, args.operationName)?.operation !== OperationTypeNode.QUERY) return operations.execute(args);
    const { socket, limitQueries } = (args.contextValue as SocketGraphqlContext).extra;
    return limitQueries(async () => {
      await socket.drained();
      return socket.isOpen ? operations.execute(args) : {};
    });
  }

  private withPublicErrors(result: ExecutionResult): object | undefined {
    return result.errors ? { ...result, errors: result.errors.map((error) => this.errors.format(error)) } : undefined;
  }

  private endStream(socket: ClientSocket, error: unknown): void {
    if (error instanceof SlowConsumerError) {
      socket.close(CLOSE_CODES.tryAgainLater, 'Too slow');
      return;
    }
    this.logger.warn({ error }, 'a stream failed; the client can resume with its cursor');
    socket.close(CLOSE_CODES.restart, 'Resume with the cursor');
  }
}

/** The context of an operation on a socket. */
class SocketGraphqlContext extends GraphqlContext {
  constructor(
    readonly extra: Extra,
    user: AuthenticatedUser,
    profiles: ProfileClient,
    trustedProxies: number,
  ) {
    super(
      {},
      () => Promise.resolve(user),
      profiles,
      () => clientHeadersOf(extra.socket.request, trustedProxies),
    );
  }
}
