import { PollingWorker, shouldLogAttempt } from '@chat/shared/async';
import { type Log, LOGGER } from '@chat/shared/observability';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type SearchedNames, searchTerms } from './search-terms.js';

/** How often changes of other processes are looked for; those of this one wake the indexer. */
const INTERVAL_MS = 2000;
const RETRY = { firstMs: 500, maxMs: 30_000 };
/** The names of a profile cannot be changed while its batch is being stored. */
const BATCH = 200;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

interface ChangedNames extends SearchedNames {
  userId: string;
  isPublic: boolean;
}

/** Makes the terms of profiles whose names were changed, in the background. Any number of processes may run it: each takes other users. */
@Injectable()
export class SearchIndexer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: PollingWorker;
  /** Where the next round begins: many rows that were just deleted are not read again. */
  #after = LOWEST_ID;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(LOGGER) log: Log,
  ) {
    this.#worker = new PollingWorker({
      round: async () => ((await this.index()) ? 0 : INTERVAL_MS),
      backoff: RETRY,
      onError: (error, attempt) => {
        if (shouldLogAttempt(attempt)) log.warn({ error, attempt }, 'names could not be indexed for the search; retrying');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
  }

  /** Names were changed: index them now. */
  wake(): void {
    this.#worker.wake();
  }

  /** Indexes the next users. Returns whether there may be more. A profile that a request is changing is left for a later round. */
  async index(): Promise<boolean> {
    const after = this.#after;
    const userIds = await this.#indexAfter(after);
    const isFull = userIds.length === BATCH;
    this.#after = isFull ? userIds.at(-1)! : LOWEST_ID;
    return isFull || after !== LOWEST_ID;
  }

  async #indexAfter(after: string): Promise<string[]> {
    return this.dataSource.transaction(async (manager) => {
      const changes = await manager.query<{ userId: string }[]>(
        'select user_id as "userId" from profile_search_changes where user_id > $2 order by user_id limit $1 for update skip locked',
        [BATCH, after],
      );
      if (changes.length === 0) return [];
      const userIds = changes.map(({ userId }) => userId);
      const profiles = await manager.query<ChangedNames[]>(
        `select user_id as "userId", username, first_name as "firstName", last_name as "lastName", is_public as "isPublic"
           from profiles where user_id = any($1::uuid[]) order by user_id for no key update skip locked`,
        [userIds],
      );
      const indexed = profiles.map(({ userId }) => userId);
      const terms = profiles.flatMap((profile) => searchTerms(profile).map((term) => ({ ...term, ...profile })));
      await manager.query('delete from profile_search_terms where user_id = any($1::uuid[])', [indexed]);
      await manager.query(
        `insert into profile_search_terms (user_id, is_public, rank, term)
           select * from unnest($1::uuid[], $2::boolean[], $3::smallint[], $4::text[])`,
        [terms.map((t) => t.userId), terms.map((t) => t.isPublic), terms.map((t) => t.rank), terms.map((t) => t.term)],
      );
      // The terms of a deleted profile are deleted with it.
      await manager.query(
        `delete from profile_search_changes c where user_id = any($1::uuid[])
           and (user_id = any($2::uuid[]) or not exists (select 1 from profiles p where p.user_id = c.user_id))`,
        [userIds, indexed],
      );
      return userIds;
    });
  }
}
