import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import type { LinkPurpose } from './mail-purpose.js';
import { MailToken } from './mail-token.entity.js';

/** Too many to guess, and short enough for a link on one line of a mail (76 characters): mail programs break longer ones. */
const TOKEN_BYTES = 16;

/**
 * The tokens in links. Each can be used once, until it expires. A token is derived from the request for its mail and a secret, and only its
 * hash is stored: a mail that is sent again after a crash has the same link, and no table contains a token that could be used.
 */
@Injectable()
export class MailTokens {
  constructor(private readonly derivedKeys: DerivedKeys) {}

  /** The token of this request for a mail. A link for a new password replaces the earlier ones. */
  async issue(
    manager: EntityManager,
    { id, purpose }: { id: string; purpose: LinkPurpose },
    userId: string,
    lifetimeSeconds: number,
  ): Promise<string> {
    const mac = createHmac('sha256', this.derivedKeys.mailTokens).update(`${purpose}:${id}`).digest();
    const token = mac.subarray(0, TOKEN_BYTES).toString('base64url');
    if (purpose === 'reset-password') await this.discard(manager, userId, purpose);
    await manager.query(
      `insert into mail_tokens (hash, user_id, purpose, expires_at) values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
       on conflict (hash) do update set expires_at = excluded.expires_at`,
      [hashOf(token), userId, purpose, lifetimeSeconds],
    );
    return token;
  }

  /** The user of a token that can be used at this moment. */
  async ownerOf(manager: EntityManager, purpose: LinkPurpose, token: string): Promise<string | null> {
    const [found] = await manager.query<{ userId: string }[]>(
      'select user_id as "userId" from mail_tokens where hash = $1 and purpose = $2 and expires_at > clock_timestamp()',
      [hashOf(token), purpose],
    );
    return found?.userId ?? null;
  }

  /** Uses the token: the id of its user, or null if it is not valid. Of two concurrent uses, one gets null. */
  async redeem(manager: EntityManager, purpose: LinkPurpose, token: string): Promise<string | null> {
    const [used] = await manager.query<[{ userId: string }[], number]>(
      'delete from mail_tokens where hash = $1 and purpose = $2 and expires_at > clock_timestamp() returning user_id as "userId"',
      [hashOf(token), purpose],
    );
    return used[0]?.userId ?? null;
  }

  /** Makes the unused links of the account invalid. */
  async discard(manager: EntityManager, userId: string, purpose?: LinkPurpose): Promise<void> {
    await manager.getRepository(MailToken).delete({ userId, ...(purpose && { purpose }) });
  }
}
