import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';

/**
 * Runs the relay of a service's outbox as long as the service runs. Inject `OutboxRelay` and call `wake()` after a commit. It has no readiness
 * check: while Kafka is unavailable, events wait in the outbox, which the metrics show.
 */
@Module({})
export class OutboxModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(OutboxRelay) private readonly relay: OutboxRelay) {}

  static forRoot(options: OutboxRelayOptions): DynamicModule {
    return {
      module: OutboxModule,
      global: true,
      providers: [{ provide: OutboxRelay, useFactory: () => new OutboxRelay(options) }],
      exports: [OutboxRelay],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
