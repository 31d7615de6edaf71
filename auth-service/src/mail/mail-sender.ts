import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Backoff, backoffMs, PollingWorker } from '@chat/shared/async';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { MailRateLimit } from './mail-rate-limit.js';
import { MailComposer } from './mail-composer.js';
import type { MailRequest } from './mail-request.entity.js';
import { MailTransport, type MailMessage, UndeliverableError } from './mail-transport.js';
import { mailAttemptsFailed, mailsPending, mailsSent, mailsWithheld } from './mail.metrics.js';

const BATCH_SIZE = 10;
/** A mail that is a day late is useless. */
const MAX_AGE_MS = 86_400_000;
const RETRY: Backoff = { firstMs: 5000, maxMs: 600_000 };
/** Longer than any attempt takes: after this time the sender has crashed, and another instance retries. */
const ATTEMPT_SECONDS = 60;
/** Finds requests of other instances, and retries that are due. */
const POLL_INTERVAL_MS = 2000;
/** The work for a mail begins after the response to the request for it was sent, so that the response time reveals nothing. */
const WAKE_DELAY_MS = 100;

/**
 * Sends the requested mails. Any number of instances may run; each request is claimed by one at a time. It is deleted after the mail server
 * accepted the mail, so a crash in between sends the same mail with the same link twice rather than never. Failed attempts are retried for
 * a day. A request for an address without an account, for an address that is confirmed already, or beyond the rate limits is deleted without a mail.
 */
@Injectable()
export class MailSender implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #worker: PollingWorker;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rateLimit: MailRateLimit,
    private readonly composer: MailComposer,
    private readonly transport: MailTransport,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    this.#worker = new PollingWorker({
      round: (signal) => this.#sendDueMails(signal),
      wakeDelayMs: WAKE_DELAY_MS,
      backoff: { firstMs: POLL_INTERVAL_MS, maxMs: POLL_INTERVAL_MS },
      // Usually the database is unavailable, which its health check reports; the next round finds the same requests.
      onError: (error) => logger.debug({ error }, 'sending mails failed'),
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
    await this.transport.close();
  }

  /** A request was committed. */
  wake(): void {
    this.#worker.wake();
  }

  async #sendDueMails(signal: AbortSignal): Promise<number> {
    for (let claimed = BATCH_SIZE; claimed === BATCH_SIZE && !signal.aborted;) {
      const requests = await this.#claim();
      claimed = requests.length;
      await Promise.all(requests.map((request) => this.#process(request)));
    }
    const [left] = await this.dataSource.query<{ count: number }[]>('select count(*)::int as count from mail_requests');
    mailsPending.set(left!.count);
    return POLL_INTERVAL_MS;
  }

  /** Uses the index mail_requests_due. */
  async #claim(): Promise<MailRequest[]> {
    const [requests] = await this.dataSource.query<[MailRequest[], number]>(
      `update mail_requests set attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $1)
        where id in (select id from mail_requests where next_attempt_at <= clock_timestamp() order by next_attempt_at limit $2 for update skip locked)
       returning id, purpose, email_normalised as "emailNormalised", requester_address as "requesterAddress", replaces_links as "replacesLinks",
         requested_at as "requestedAt", attempts, next_attempt_at as "nextAttemptAt"`,
      [ATTEMPT_SECONDS, BATCH_SIZE],
    );
    return requests;
  }

  async #process(request: MailRequest): Promise<void> {
    const { purpose, emailNormalised, attempts } = request;
    const account = await this.dataSource.getRepository(Account).findOneBy({ emailNormalised });
    if (!account || (purpose === 'verify-email' && account.emailVerifiedAt)) return this.#delete(request);
    if (attempts === 1 && !(await this.rateLimit.take(request, account))) {
      mailsWithheld.inc({ purpose });
      return this.#delete(request);
    }
    await this.#send(request, await this.composer.compose(request, account));
  }

  async #send(request: MailRequest, mail: MailMessage): Promise<void> {
    const { id: mailId, purpose, attempts, requestedAt } = request;
    try {
      await this.transport.send(mail);
      mailsSent.inc({ purpose });
      await this.#delete(request);
    } catch (error) {
      mailAttemptsFailed.inc({ purpose });
      const delaySeconds = error instanceof UndeliverableError ? null : retryDelaySeconds(attempts, requestedAt, new Date());
      const fields = { mailId, purpose, attempts, ...reasonOf(error) };
      if (delaySeconds === null) {
        this.logger.warn(fields, 'mail cannot be delivered and is deleted');
        await this.#delete(request);
      } else {
        this.logger.warn({ ...fields, retryAfterSeconds: delaySeconds }, 'mail could not be sent and will be retried');
        await this.#postpone(request, delaySeconds);
      }
    }
  }

  async #postpone({ id }: MailRequest, delaySeconds: number): Promise<void> {
    await this.dataSource.query('update mail_requests set next_attempt_at = clock_timestamp() + make_interval(secs => $2) where id = $1', [
      id,
      delaySeconds,
    ]);
  }

  /** By id, so that a newer request that replaced this one stays. */
  async #delete({ id }: MailRequest): Promise<void> {
    await this.dataSource.query('delete from mail_requests where id = $1', [id]);
  }
}

/** The text of a mail server may contain the address, so only its codes are logged. */
function reasonOf(error: unknown): object {
  const { cause, code, responseCode, command } = error as { cause?: unknown; code?: unknown; responseCode?: unknown; command?: unknown };
  return error instanceof UndeliverableError ? reasonOf(cause) : { code, responseCode, command };
}

/** Seconds until the next attempt, after this many failed attempts; null: no further attempt. */
function retryDelaySeconds(attempts: number, requestedAt: Date, now: Date): number | null {
  return now.getTime() - requestedAt.getTime() > MAX_AGE_MS ? null : backoffMs(attempts - 1, RETRY) / 1000;
}
