import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Log } from '@chat/shared/observability';
import { DataSource, type EntityManager } from 'typeorm';
import { Account } from '../accounts/account.entity.js';
import { AuthConfig } from '../config.js';
import type { LinkPurpose } from './mail-purpose.js';
import type { MailRequest } from './mail-request.entity.js';
import { pauseAfterFailure } from './mail-schedule.js';
import { linkText, type MailText, noticeText } from './mail-texts.js';
import { MailTokens } from './mail-tokens.js';
import { MailTransport, type MailMessage, UndeliverableError } from './mail-transport.js';
import { mailAttemptsFailed, mailsPending, mailsSent } from './mail.metrics.js';

const BATCH_SIZE = 10;
/** Longer than any attempt takes: then the sender has died, and another one tries. */
const ATTEMPT_SECONDS = 60;
/** Requests of other instances, and those to be tried again, are found so late at most. */
const POLL_INTERVAL_MS = 2000;
/** The work for a mail begins after the answer to whoever asked for it has left, so that how long that took tells nothing. */
const WAKE_DELAY_MS = 100;

interface OutgoingMail {
  request: MailRequest;
  mail: MailMessage;
}

/**
 * Sends the mails that were asked for. Any number of instances may do so at once; each request is one instance's at a time. It is deleted
 * after the mail was taken, so a crash in between sends the same mail, with the same link, twice rather than never. What cannot be sent is
 * tried again for a day. A request for an address without an account, or for what is done already, ends here without a trace.
 */
@Injectable()
export class MailSender implements OnApplicationBootstrap, OnApplicationShutdown {
  #poll: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
    private readonly tokens: MailTokens,
    private readonly transport: MailTransport,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#poll = setInterval(() => this.#run(), POLL_INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#poll);
    clearTimeout(this.#wake);
    await this.#pass;
    await this.transport.close();
  }

  /** Something was asked for, and is committed. */
  wake(): void {
    if (this.#stopping) return;
    this.#wake ??= setTimeout(() => {
      this.#wake = undefined;
      this.#run();
    }, WAKE_DELAY_MS);
  }

  #run(): void {
    this.#pass = this.#pass
      .then(() => this.#sendDueMails())
      // The database is away, which is logged elsewhere; the next pass finds the same work again.
      .catch((error: unknown) => this.logger.debug({ error }, 'mails could not be sent'));
  }

  async #sendDueMails(): Promise<void> {
    for (let claimed = BATCH_SIZE; claimed === BATCH_SIZE && !this.#stopping;) {
      const { count, letters } = await this.#claim();
      claimed = count;
      if (count === 0) break;
      await Promise.all(letters.map((letter) => this.#send(letter)));
    }
    const [left] = await this.dataSource.query<{ count: number }[]>('select count(*)::int as count from mail_requests');
    mailsPending.set(left!.count);
  }

  /** Counts on the index mail_requests_due. */
  async #claim(): Promise<{ count: number; letters: OutgoingMail[] }> {
    return this.dataSource.transaction(async (manager) => {
      const [requests] = await manager.query<[MailRequest[], number]>(
        `update mail_requests set attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $1)
          where id in (select id from mail_requests where next_attempt_at <= clock_timestamp() order by next_attempt_at limit $2 for update skip locked)
         returning id, purpose, email_normalised as "emailNormalised", requested_at as "requestedAt", attempts, next_attempt_at as "nextAttemptAt"`,
        [ATTEMPT_SECONDS, BATCH_SIZE],
      );
      const letters: OutgoingMail[] = [];
      for (const request of requests) {
        const letter = await this.#render(manager, request);
        if (letter) letters.push(letter);
        else await forget(manager, request);
      }
      return { count: requests.length, letters };
    });
  }

  async #render(manager: EntityManager, request: MailRequest): Promise<OutgoingMail | null> {
    const { id, purpose, emailNormalised, requestedAt } = request;
    const account = await manager.getRepository(Account).findOneBy({ emailNormalised });
    if (!account || (purpose === 'verify-email' && account.emailVerifiedAt)) return null;
    const isLink = purpose === 'verify-email' || purpose === 'reset-password';
    const text = isLink ? await this.#withLink(manager, purpose, id, account) : noticeText(purpose, requestedAt);
    return { request, mail: { id, to: account.email, ...text } };
  }

  async #withLink(manager: EntityManager, purpose: LinkPurpose, id: string, account: Account): Promise<MailText> {
    const lifeSeconds = this.#lifeSeconds(purpose);
    const token = await this.tokens.issue(manager, { id, purpose }, account.id, lifeSeconds);
    return linkText(purpose, { webAppUrl: this.config.webAppUrl, token, lifeSeconds });
  }

  async #send({ request, mail }: OutgoingMail): Promise<void> {
    const { id: mailId, purpose, attempts, requestedAt } = request;
    try {
      await this.transport.send(mail);
      mailsSent.inc({ purpose });
      await forget(this.dataSource.manager, request);
    } catch (error) {
      mailAttemptsFailed.inc({ purpose });
      const pause = error instanceof UndeliverableError ? null : pauseAfterFailure(attempts, requestedAt, new Date());
      const fields = { mailId, purpose, attempts, ...reasonOf(error) };
      if (pause === null) {
        this.logger.warn(fields, 'a mail cannot be delivered, and is given up');
        await forget(this.dataSource.manager, request);
      } else {
        this.logger.warn({ ...fields, retryAfterSeconds: pause }, 'a mail could not be sent yet');
        await this.#postpone(request, pause);
      }
    }
  }

  async #postpone({ id }: MailRequest, pauseSeconds: number): Promise<void> {
    await this.dataSource.query('update mail_requests set next_attempt_at = clock_timestamp() + make_interval(secs => $2) where id = $1', [
      id,
      pauseSeconds,
    ]);
  }

  #lifeSeconds(purpose: LinkPurpose): number {
    return purpose === 'verify-email' ? this.config.mail.verificationSeconds : this.config.mail.resetSeconds;
  }
}

/** By id: a request that was replaced meanwhile stays. */
async function forget(manager: EntityManager, { id }: MailRequest): Promise<void> {
  await manager.query('delete from mail_requests where id = $1', [id]);
}

/** What a mail server says may hold the address, so only the codes are told. */
function reasonOf(error: unknown): object {
  const { cause, code, responseCode, command } = error as { cause?: unknown; code?: unknown; responseCode?: unknown; command?: unknown };
  return error instanceof UndeliverableError ? reasonOf(cause) : { code, responseCode, command };
}
