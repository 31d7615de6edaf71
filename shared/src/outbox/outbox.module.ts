import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';

/** Runs the relay of a service's outbox as long as the service runs. Inject `OutboxRelay` and `wake()` it after a commit. */
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

  /** Kafka being away does not make a service unready: what it accepts waits in the outbox. The metrics tell. */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
