import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import type { EntityManager } from 'typeorm';
import { addressOf, type ClientDetails } from '../client/client-details.js';
import type { MailPurpose } from './mail-purpose.js';
import { MailRequest } from './mail-request.entity.js';

export interface NewMailRequest {
  purpose: MailPurpose;
  emailNormalised: string;
  /** The client that causes the mail. */
  client: ClientDetails;
  /** Whether earlier links of this purpose become invalid when the mail is sent. */
  replacesLinks?: boolean;
}

/**
 * The queue of mails. A request is stored in the transaction of its cause, so that both are stored or neither, and no request of a client
 * waits for a mail server. It takes the same time whether the address has an account or not, and whether mails may be sent to it or not,
 * because MailSender finds that out later.
 */
@Injectable()
export class MailRequests {
  /** Wake MailSender after the commit. A waiting request of the same kind is replaced, so that only the newest link is sent. */
  async add(manager: EntityManager, { purpose, emailNormalised, client, replacesLinks = false }: NewMailRequest): Promise<void> {
    await manager.query(
      `insert into mail_requests as r (id, purpose, email_normalised, requester_address, replaces_links, requested_at, next_attempt_at)
       values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp())
       on conflict on constraint mail_requests_one_of_a_kind
       do update set id = excluded.id, requester_address = excluded.requester_address,
         replaces_links = r.replaces_links or excluded.replaces_links,
         requested_at = excluded.requested_at, attempts = 0, next_attempt_at = excluded.next_attempt_at`,
      [newId(), purpose, emailNormalised, addressOf(client), replacesLinks],
    );
  }

  /** Deletes a request that is not sent yet. */
  async cancel(manager: EntityManager, purpose: MailPurpose, emailNormalised: string): Promise<void> {
    await manager.getRepository(MailRequest).delete({ purpose, emailNormalised });
  }
}
