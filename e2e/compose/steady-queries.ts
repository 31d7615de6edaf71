import { setTimeout as sleep } from 'node:timers/promises';
import type { TestUser } from '@chat/testkit/user';

const INTERVAL_MS = 100;
/** As the sends of the load. */
const RETRY_AFTER_MS = 250;

/** One query for each service behind the gateway. */
const QUERIES = [
  '{ me { userId email } }',
  '{ getMyProfile { id } }',
  '{ getConversations(limit: 5) { data { id } } }',
  '{ getNotifications(limit: 5) { data { id } } }',
  'query ($id: String!) { getPresence(userId: $id) { status } }',
];

/** A user that asks one query after another, whether or not they are answered in time; a query that fails is repeated once. */
export class SteadyQueries {
  readonly reasons = new Set<string>();
  answered = 0;
  retries = 0;
  failedTwice = 0;
  readonly #open = new Set<Promise<void>>();
  #running = true;
  readonly #loop: Promise<void>;

  constructor(user: TestUser) {
    this.#loop = this.#ask(user);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop;
    await Promise.all(this.#open);
  }

  async #ask(user: TestUser): Promise<void> {
    for (let n = 0; this.#running; n += 1) {
      const query = QUERIES[n % QUERIES.length]!;
      const asked: Promise<void> = this.#askTwice(user, query).finally(() => this.#open.delete(asked));
      this.#open.add(asked);
      await sleep(INTERVAL_MS);
    }
  }

  async #askTwice(user: TestUser, query: string): Promise<void> {
    const once = () => user.mustAsk(query, query.startsWith('query') ? { id: user.userId } : {});
    try {
      await once().catch(async (error: unknown) => {
        this.#note(query, error);
        this.retries += 1;
        await sleep(RETRY_AFTER_MS);
        await once();
      });
      this.answered += 1;
    } catch (error) {
      this.#note(query, error);
      this.failedTwice += 1;
    }
  }

  #note(query: string, error: unknown): void {
    this.reasons.add(`${query}: ${(error as Error).message.slice(0, 80)}`);
  }
}
