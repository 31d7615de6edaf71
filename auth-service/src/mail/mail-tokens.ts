import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DerivedKeys } from '../secrets/derived-keys.js';
import { hashOf } from '../secrets/one-time-secrets.js';
import type { LinkPurpose } from './mail-purpose.js';
import { MailToken } from './mail-token.entity.js';

/** Too many to guess, and so short that a link fits into a line of a mail (76 characters): longer ones are taken apart on the way. */
const TOKEN_BYTES = 16;

/**
 * The tokens in links. Each is good once and for a time, and only the newest of its kind is good at all. A token is computed from the
 * request for its mail and a secret, and only its hash is stored: a mail that is sent again after a crash carries the same link, and no
 * table holds one that could be used.
 */
@Injectable()
export class MailTokens {
  constructor(private readonly derivedKeys: DerivedKeys) {}

  /** The token of this request, which from now on is the account's only one of its kind. */
  async issue(
    manager: EntityManager,
    { id, purpose }: { id: string; purpose: LinkPurpose },
    userId: string,
    lifeSeconds: number,
  ): Promise<string> {
    const mac = createHmac('sha256', this.derivedKeys.mailTokens).update(`${purpose}:${id}`).digest();
    const token = mac.subarray(0, TOKEN_BYTES).toString('base64url');
    await manager.query(
      `insert into mail_tokens (user_id, purpose, hash, expires_at) values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
       on conflict (user_id, purpose) do update set hash = excluded.hash, expires_at = excluded.expires_at`,
      [userId, purpose, hashOf(token), lifeSeconds],
    );
    return token;
  }

  /** Whose token it is, if it could be redeemed at this moment. */
  async ownerOf(manager: EntityManager, purpose: LinkPurpose, token: string): Promise<string | null> {
    const [found] = await manager.query<{ userId: string }[]>(
      'select user_id as "userId" from mail_tokens where hash = $1 and purpose = $2 and expires_at > clock_timestamp()',
      [hashOf(token), purpose],
    );
    return found?.userId ?? null;
  }

  /** Spends the token: the account's id, or null when it is not good. Of two at once one gets null. */
  async redeem(manager: EntityManager, purpose: LinkPurpose, token: string): Promise<string | null> {
    const [spent] = await manager.query<[{ userId: string }[], number]>(
      'delete from mail_tokens where hash = $1 and purpose = $2 and expires_at > clock_timestamp() returning user_id as "userId"',
      [hashOf(token), purpose],
    );
    return spent[0]?.userId ?? null;
  }

  /** Ends links that were sent and not used. */
  async discard(manager: EntityManager, userId: string, purpose?: LinkPurpose): Promise<void> {
    await manager.getRepository(MailToken).delete({ userId, ...(purpose && { purpose }) });
  }
}
