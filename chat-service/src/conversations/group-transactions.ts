import type { ConversationKind, MemberRole } from '@chat/shared/contracts';
import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { LOCK_NOT_AVAILABLE, retryWhileLocked, rowLocked } from '../database/locks.js';
import { ReadQueries, type Statement } from '../database/queries.js';
import { conversationNotFound } from '../messages/messages.errors.js';
import { type GroupAction, requirePermission } from '../roles/permissions.js';
import { notAGroup } from './groups.errors.js';

/** A group for one of its members. */
export interface Group {
  id: string;
  title: string | null;
  pictureId: string | null;
  lastSeq: number;
  /** Of the current user. */
  role: MemberRole;
}

/**
 * Changes of a group. Each is one transaction that first locks the conversation, as sends do: what it reads afterwards stays as it is, no message is
 * stored meanwhile, and the events of a conversation are in the order of the locks. Rows of members are locked after the conversation, so two
 * transactions never wait for each other. It waits for no lock for long, as all others: see database/locks.ts.
 */
@Injectable()
export class GroupTransactions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queries: ReadQueries,
    private readonly relay: OutboxRelay,
  ) {}

  /** The group without a lock. NOT_FOUND for a user that is not a member, FORBIDDEN for a direct conversation. */
  async find(conversationId: string, userId: string): Promise<Group> {
    return groupOf(conversationId, await this.queries.row<GroupRow>(FIND_GROUP, [conversationId, userId]));
  }

  /** Runs `work`, which creates a group, in a transaction. The events are published after the commit. */
  async begin(work: (manager: EntityManager) => Promise<void>): Promise<void> {
    await retryWhileLocked(() =>
      this.#inTransaction(async (manager) => {
        await manager.query(`select set_config('lock_timeout', '100ms', true)`);
        await work(manager);
      }),
    );
    this.relay.wake();
  }

  /** Runs `work` under the lock, if the user may do this. The events are published after the commit. */
  async run<T>(
    { conversationId, userId, action }: { conversationId: string; userId: string; action: GroupAction },
    work: (manager: EntityManager, group: Group) => Promise<T>,
  ): Promise<T> {
    const result = await retryWhileLocked(() =>
      this.#inTransaction(async (manager) => {
        const locked = await manager.query<unknown[]>(LOCK_CONVERSATION, [conversationId, userId]);
        const [row] = await manager.query<GroupRow[]>(FIND_GROUP.text, [conversationId, userId]);
        const group = groupOf(conversationId, row);
        if (locked.length === 0) throw rowLocked();
        requirePermission(group.role, action);
        return work(manager, group);
      }),
    );
    this.relay.wake();
    return result;
  }

  async #inTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      throw (error as { code?: unknown }).code === LOCK_NOT_AVAILABLE ? rowLocked(error) : error;
    }
  }
}

interface GroupRow {
  kind: ConversationKind;
  title: string | null;
  picture_id: string | null;
  last_seq: number;
  role: MemberRole;
}

function groupOf(id: string, row: GroupRow | undefined): Group {
  if (!row) throw conversationNotFound();
  if (row.kind !== 'GROUP') throw notAGroup();
  return { id, title: row.title, pictureId: row.picture_id, lastSeq: row.last_seq, role: row.role };
}

/**
 * A statement of its own: the following ones see everything that was committed before the lock was granted. A user that is not a member takes no
 * lock, and so cannot delay the messages of a conversation.
 */
const LOCK_CONVERSATION = `
  select set_config('lock_timeout', '100ms', true) from conversations c
    where c.id = $1 and exists (select 1 from members m where m.conversation_id = c.id and m.user_id = $2) for no key update of c skip locked`;

/** A user whose deletion is in progress has left every group already. */
const FIND_GROUP: Statement = {
  name: 'find_group',
  text: `
    select c.kind, c.title, c.picture_id, c.last_seq, m.role from conversations c
      join members m on m.conversation_id = c.id and m.user_id = $2
      where c.id = $1 and (c.kind = 'DIRECT' or not exists (select 1 from user_deletions d where d.user_id = m.user_id))`,
};
