import { AccessTokenVerifier } from '@chat/shared/auth';
import { type Log, LOGGER } from '@chat/shared/observability';
import { type ChatMessage, SEND_MESSAGE_METHOD } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { RpcServer } from '@chat/shared/rpc';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChatConfig } from '../config.js';
import { MessagesService } from './messages.service.js';
import { readSendMessage } from './send-message.rules.js';

/** The second way in to MessagesService: gateways hand in messages over one lasting connection each, with their sender's token. */
@Injectable()
export class SendPort implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #server: RpcServer;
  #port: number | undefined;

  constructor(
    config: ChatConfig,
    @Inject(LOGGER) logger: Log,
    private readonly verifier: AccessTokenVerifier,
    private readonly messages: MessagesService,
  ) {
    this.#server = new RpcServer({
      host: config.host,
      port: config.sendPort,
      handlers: { [SEND_MESSAGE_METHOD]: (body, { token }) => this.#sendMessage(body, token) },
      logger,
    });
  }

  /** The port it listens on; undefined before. */
  get port(): number | undefined {
    return this.#port;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#port = await this.#server.listen();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#server.close();
  }

  async #sendMessage(body: unknown, token: string | null): Promise<ChatMessage> {
    if (token === null) throw new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
    const caller = await this.verifier.verify(token);
    return this.messages.sendMessage(caller, readSendMessage(body));
  }
}
