import { AccessTokenVerifier, bearerToken, InternalTokens, keyIdOfToken } from '@chat/shared/auth';
import { LOGGER, type Log } from '@chat/shared/observability';
import { AppError } from '@chat/shared/errors';
import { Inject, Injectable } from '@nestjs/common';
import { type ExecutionArgs, type ExecutionResult, getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import { type Context, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GatewayConfig } from '../config.js';
import { SlowConsumerError } from '../graphql/live-queue.js';
import { PublicErrors } from '../graphql/public-errors.js';
import { ProfileClient } from '../clients/profile.client.js';
import { type ClientSocket, CLOSE_CODES } from './client-socket.js';
import { OpenSockets } from './open-sockets.js';
import { type EventOutput, SocketOperations } from './operations.js';
import { ProtocolConnection, type SocketState } from './protocol-connection.js';
import { SocketGraphqlContext, socketUser } from './socket-context.js';

const INIT_WITHIN_MS = 5000;
const MAX_OPERATIONS_PER_SOCKET = 100;
const MAX_OPERATION_BYTES_PER_SOCKET = 128 * 1024;

type Connection = Context<{ authorization?: string }, SocketState>;

/** graphql-transport-ws on the sockets of clients, with the same rules for an operation as over HTTP. */
@Injectable()
export class SocketProtocol {
  private readonly errors: PublicErrors;
  private server: Server<SocketState> | null = null;

  constructor(
    private readonly config: GatewayConfig,
    private readonly verifier: AccessTokenVerifier,
    private readonly internalTokens: InternalTokens,
    private readonly sockets: OpenSockets,
    private readonly profiles: ProfileClient,
    private readonly operations: SocketOperations,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    this.errors = new PublicErrors(logger, { suggestions: config.nodeEnv !== 'production' });
  }

  open(socket: ClientSocket): ProtocolConnection {
    // The schema exists only after the modules have started.
    this.server ??= this.createServer();
    return new ProtocolConnection(this.server, socket, this.logger);
  }

  private createServer(): Server<SocketState> {
    const { operations } = this;
    return makeServer<{ authorization?: string }, SocketState>({
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: (connection) => this.signIn(connection),
      onSubscribe: (connection, id, payload) => this.begin(connection, id, payload, operations),
      execute: (args) => this.execute(args as ExecutionArgs, operations),
      subscribe: (args) => operations.subscribe(args as ExecutionArgs, this.outputOf(args.contextValue as SocketGraphqlContext)),
      onNext: (_connection, _id, _payload, _args, result) => this.withPublicErrors(result),
      onError: (_connection, _id, _payload, errors) => errors.map((error) => this.errors.format(error)),
    });
  }

  /** The token of connection_init is verified once; the socket stays open as long as its session, see SessionChecks. */
  private async signIn({ connectionParams, extra }: Connection): Promise<boolean> {
    const { socket } = extra;
    const token = bearerToken(connectionParams?.authorization);
    if (token === undefined) return false;
    try {
      const { userId, sessionId } = await this.verifier.verify(token);
      socket.user = socketUser(userId, sessionId, this.internalTokens);
      this.sockets.signIn(socket, socket.user, keyIdOfToken(token));
      return true;
    } catch (error) {
      // A refused token closes with 4403; one that cannot be verified at the moment with a code after which the client retries.
      if (error instanceof AppError && error.kind === 'unauthenticated') return false;
      this.logger.warn({ error }, 'a socket could not be signed in');
      socket.close(CLOSE_CODES.tryAgainLater, 'Try again later');
      return false;
    }
  }

  private begin({ extra: state }: Connection, id: string, payload: SubscribePayload, operations: SocketOperations) {
    const { user } = state.socket;
    if (!user) return [new GraphQLError('Sign in first', { extensions: { code: 'UNAUTHENTICATED' } })];
    const { running, runningBytes } = state.operationIds;
    if (running > MAX_OPERATIONS_PER_SOCKET || runningBytes > MAX_OPERATION_BYTES_PER_SOCKET)
      return [
        new GraphQLError('Too many or too long operations at a time on this socket', {
          extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 },
        }),
      ];
    const context = new SocketGraphqlContext(state, user, id, this.profiles, this.config.trustedProxies);
    return operations.prepare(payload, { user: user.userId, address: context.clientHeaders()['x-forwarded-for'] ?? null }, context);
  }

  /** Mutations start at once, in the order of their frames. A query waits for the one before it, and for the client to read its answer. */
  private execute(args: ExecutionArgs, operations: SocketOperations): Promise<ExecutionResult> {
    if (getOperationAST(args.document, args.operationName)?.operation !== OperationTypeNode.QUERY) return operations.execute(args);
    const { socket, limitQueries } = (args.contextValue as SocketGraphqlContext).state;
    return limitQueries(async () => {
      // In the next turn the answer before this one is in the buffer.
      await nextTurn();
      await socket.drained();
      return socket.isOpen ? operations.execute(args) : {};
    });
  }

  private outputOf(context: SocketGraphqlContext): EventOutput {
    return {
      send: (result) => context.sendResult(result),
      withPublicErrors: (result) => this.withPublicErrors(result) as ExecutionResult,
      fail: (error) => this.endStream(context.state.socket, error),
    };
  }

  private withPublicErrors(result: ExecutionResult): object {
    return result.errors ? { ...result, errors: result.errors.map((error) => this.errors.format(error)) } : result;
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
