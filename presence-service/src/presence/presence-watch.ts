import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { channels, LiveChannels } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { PresenceServiceConfig } from '../config.js';
import { DuePeople, type NextLooks } from './due-people.js';
import { Leases } from './leases.js';
import { PresenceLooks } from './presence-looks.js';
import { REDIS } from './redis.token.js';

const PEOPLE_PER_ROUND = 200;
/** Longer than any round: the deadlines of PostgreSQL and Redis are shorter. After it another instance takes over what this one claimed. */
const CLAIM_MS = 10_000;
/** A look that is due and of which nobody told us is at most this late. */
const POLL_MS = 1000;
const RETRY_MS = 500;
const PEOPLE_PER_SWEEP_PAGE = 1000;
/** Gateways need this long to renew every lease after Redis came back without its data. */
const RENEWAL_MS = 30_000;

/**
 * Keeps what others see of people true: looks at everyone who is due, round after round, on every instance of this service.
 *
 * Guarantees: each change is announced, by one instance; one more time only if a process dies between announcing and storing it.
 * What changes back within a round is not announced at all. Woken by the gateways' hints and by own requests; polls as a fall-back.
 * Starts with the application and never gives up; with Redis or PostgreSQL away it waits and goes on where it was.
 */
@Injectable()
export class PresenceWatch implements OnApplicationBootstrap {
  private running: Promise<void> | null = null;
  private stopping = false;
  private isFailing = false;
  /** Which sweep is wanted: when those whom nobody planned to look at shall be looked at. */
  private sweepAtMs: number | null = Date.now();
  private isWoken = false;
  private endPause: (() => void) | null = null;

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(LOGGER) private readonly logger: Log,
    private readonly live: LiveChannels,
    private readonly due: DuePeople,
    private readonly looks: PresenceLooks,
    private readonly leases: Leases,
    private readonly dataSource: DataSource,
    private readonly config: PresenceServiceConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.redis.on('ready', () => (this.sweepAtMs ??= Date.now() + RENEWAL_MS));
    this.running = this.run();
  }

  /** Resolves when the open round is done. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private wake(): void {
    this.isWoken = true;
    this.endPause?.();
  }

  private async run(): Promise<void> {
    await this.live.subscribe(channels.presenceLeases, () => this.wake());
    while (!this.stopping) {
      this.isWoken = false;
      const nextRoundMs = await this.round();
      await this.pause(this.config.paceMs, { wakeable: false });
      await this.pause(nextRoundMs - Date.now(), { wakeable: true });
    }
  }

  /** Looks at those who are due. Returns when the next round should be (ms). */
  private async round(): Promise<number> {
    try {
      await this.sweepIfWanted();
      const claim = await this.due.claim(PEOPLE_PER_ROUND, CLAIM_MS);
      if (claim.userIds.length > 0) {
        const nextLooks = await this.looks.look(claim.userIds);
        await this.due.settle(claim, nextLooks);
        if (await this.someoneCameMeanwhile(nextLooks)) return Date.now();
      }
      if (this.isFailing) this.logger.info({}, 'presence is announced again');
      this.isFailing = false;
      if (claim.userIds.length === PEOPLE_PER_ROUND) return Date.now();
      return Math.min(claim.nextDueMs ?? Infinity, Date.now() + POLL_MS);
    } catch (error) {
      if (!this.isFailing) this.logger.warn({ error }, 'presence cannot be announced now; trying on');
      this.isFailing = true;
      return Date.now() + RETRY_MS;
    }
  }

  /** Who came between our look and their removal from the set was not made due again, because they still were. */
  private async someoneCameMeanwhile(nextLooks: NextLooks): Promise<boolean> {
    const gone = [...nextLooks].filter(([, nextMs]) => nextMs === null).map(([userId]) => userId);
    const nowMs = Date.now();
    const ends = await this.leases.lastEnds(gone);
    const back = gone.filter((_, index) => (ends[index] ?? 0) > nowMs);
    await this.due.lookUnlessPlanned(back, nowMs);
    return back.length > 0;
  }

  /** Everyone present must be in the due set; after an outage of Redis the set may have lost them. */
  private async sweepIfWanted(): Promise<void> {
    const atMs = this.sweepAtMs;
    if (atMs === null) return;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      // Counts on the partial index people_to_sweep.
      const page = await this.dataSource.query<{ userId: string }[]>(
        `select user_id as "userId" from people
         where (present or announced_status <> 'OFFLINE' or announced_is_public <> is_public) and user_id > $1
         order by user_id limit $2`,
        [after, PEOPLE_PER_SWEEP_PAGE],
      );
      await this.due.lookUnlessPlanned(
        page.map(({ userId }) => userId),
        atMs,
      );
      if (page.length < PEOPLE_PER_SWEEP_PAGE) break;
      after = page.at(-1)!.userId;
    }
    if (this.sweepAtMs === atMs) this.sweepAtMs = null;
  }

  private async pause(ms: number, { wakeable }: { wakeable: boolean }): Promise<void> {
    if (ms <= 0 || this.stopping || (wakeable && this.isWoken)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      if (wakeable)
        this.endPause = () => {
          clearTimeout(timer);
          resolve();
        };
    });
    this.endPause = null;
  }
}
