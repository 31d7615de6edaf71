import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuthConfig } from '../config.js';
import { networkOf } from '@chat/shared/http';
import { hashOf } from '../secrets/one-time-secrets.js';
import type { MailPurpose } from './mail-purpose.js';

/**
 * Shorter than the lifetime of every link: if a mail is refused because too many were requested, a link that was sent before is still
 * valid. So an attacker cannot keep users from their accounts by requesting mails for their addresses.
 */
const WINDOW_SECONDS = 900;

export type RateLimitResult = { allowed: true } | { allowed: false; retryAfterSeconds: number };

/** Limits the mails to an address and the requests of a client. Counted in the database, for all instances together. */
@Injectable()
export class MailRateLimit {
  constructor(private readonly config: AuthConfig) {}

  forRecipient(manager: EntityManager, purpose: MailPurpose, emailNormalised: string): Promise<RateLimitResult> {
    return this.#count(manager, recipientKey(purpose, emailNormalised), this.config.mail.perRecipient);
  }

  /** An internal request without a client address is not counted. */
  async forClient(manager: EntityManager, ipAddress: string | null): Promise<RateLimitResult> {
    return ipAddress === null ? { allowed: true } : this.#count(manager, `client:${networkOf(ipAddress)}`, this.config.mail.perClient);
  }

  /** Resets the count of an address whose owner has just used a link, and so receives the mails. */
  async reset(manager: EntityManager, purpose: MailPurpose, emailNormalised: string): Promise<void> {
    await manager.query('delete from mail_rate_limits where key = $1', [hashOf(recipientKey(purpose, emailNormalised))]);
  }

  async #count(manager: EntityManager, key: string, limit: number): Promise<RateLimitResult> {
    const [row] = await manager.query<{ used: number; left: number }[]>(
      `insert into mail_rate_limits as a (key, used, window_ends_at) values ($1, 1, clock_timestamp() + make_interval(secs => $2))
       on conflict (key) do update set
         used = case when a.window_ends_at <= clock_timestamp() then 1 else a.used + 1 end,
         window_ends_at = case when a.window_ends_at <= clock_timestamp() then excluded.window_ends_at else a.window_ends_at end
       returning used, extract(epoch from window_ends_at - clock_timestamp())::float8 as left`,
      [hashOf(key), WINDOW_SECONDS],
    );
    return row!.used <= limit ? { allowed: true } : { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(row!.left)) };
  }
}

const recipientKey = (purpose: MailPurpose, emailNormalised: string): string => `${purpose}:${emailNormalised}`;
