import { createPool } from '@chat/shared/database';
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { ChatConfig } from '../config.js';
import { ReadQueries, SearchQueries, SendQueries } from './queries.js';

/** One writer sends; the other connections are for the time after its connection was lost. */
const SEND_CONNECTIONS = 3;
/** So many searches at a time take part of the database; further ones wait. */
const SEARCH_CONNECTIONS = 2;
/**
 * The plans of prepared statements are made once, perhaps while tables are empty or small: a plan made then must not be a
 * sequential scan that stays when they have grown. No statement here runs long enough to benefit from JIT compilation. The server
 * cancels a statement just before PreparedQueries gives it up.
 *
 * A statement waits a moment only for a lock that another transaction holds, as others wait for its connection: it is tried again later.
 */
export const DATABASE_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
  statement_timeout: '2400',
  lock_timeout: '100',
};

/** Global: ReadQueries, SearchQueries and SendQueries, each with its own pool; closed last. */
@Module({})
export class QueriesModule implements OnApplicationShutdown {
  constructor(
    private readonly reads: ReadQueries,
    private readonly searches: SearchQueries,
    private readonly sends: SendQueries,
  ) {}

  static forRoot(config: ChatConfig): DynamicModule {
    const pool = (applicationName: string, max?: number) =>
      createPool({
        config: config.database,
        schema: 'chat',
        applicationName,
        settings: DATABASE_SETTINGS,
        ...(max === undefined ? {} : { max }),
      });
    return {
      module: QueriesModule,
      global: true,
      providers: [
        { provide: ReadQueries, useFactory: () => new ReadQueries(pool('chat-service')) },
        { provide: SearchQueries, useFactory: () => new SearchQueries(pool('chat-service searches', SEARCH_CONNECTIONS)) },
        { provide: SendQueries, useFactory: () => new SendQueries(pool('chat-service sends', SEND_CONNECTIONS)) },
      ],
      exports: [ReadQueries, SearchQueries, SendQueries],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.reads.close(), this.searches.close(), this.sends.close()]);
  }
}
