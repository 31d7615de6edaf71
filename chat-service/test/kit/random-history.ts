import { newId } from '@chat/shared/database';
import type { Chat } from './chat.js';

/** A generator of pseudo-random numbers (mulberry32): the same seed gives the same history. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Pair = [conversationId: string, userId: string];

const columns = (pairs: Pair[]) => [pairs.map(([id]) => id), pairs.map(([, userId]) => userId)];

/**
 * Histories of many groups at once, by the functions that the service uses. In each round every group has one operation of a random member; the
 * operations of one kind are one statement, and the statements of a round run concurrently.
 */
export class RandomHistory {
  readonly #random: (below: number) => number;
  readonly #groups: { id: string; users: string[]; members: Set<string> }[];

  constructor(
    private readonly chat: Chat,
    { seed, groups, users }: { seed: number; groups: number; users: number },
  ) {
    this.#random = randomNumbers(seed);
    this.#groups = Array.from({ length: groups }, () => {
      const ids = Array.from({ length: users }, () => newId());
      return { id: newId(), users: ids, members: new Set(ids) };
    });
  }

  async create(): Promise<void> {
    await this.chat.sql.query(
      `insert into conversations (id, kind, title, has_membership_record, created_by, created_at)
         select id, 'GROUP', 'Group', true, id, now() from unnest($1::uuid[]) id`,
      [this.#groups.map(({ id }) => id)],
    );
    await this.#join(this.#groups.flatMap(({ id, users }) => users.map((userId): Pair => [id, userId])));
  }

  /** One operation in each group. */
  async round(): Promise<void> {
    const chosen: Record<'send' | 'read' | 'deliver' | 'delete' | 'edit' | 'join' | 'leave', Pair[]> = {
      send: [],
      read: [],
      deliver: [],
      delete: [],
      edit: [],
      join: [],
      leave: [],
    };
    const kinds = ['send', 'send', 'send', 'send', 'read', 'read', 'deliver', 'delete', 'delete', 'edit', 'join', 'leave'] as const;
    for (const group of this.#groups) {
      const userId = group.users[this.#random(group.users.length)]!;
      let kind: keyof typeof chosen = kinds[this.#random(kinds.length)]!;
      // A user that is not a member can only join, and the last member does not leave.
      if (!group.members.has(userId)) kind = 'join';
      else if (kind === 'join' || (kind === 'leave' && group.members.size === 1)) kind = 'send';
      if (kind === 'join') group.members.add(userId);
      if (kind === 'leave') group.members.delete(userId);
      chosen[kind].push([group.id, userId]);
    }
    await Promise.all([
      this.#send(chosen.send),
      this.#advance(chosen.read, true),
      this.#advance(chosen.deliver, false),
      this.#delete(chosen.delete),
      this.#edit(chosen.edit),
      this.#join(chosen.join),
      this.#leave(chosen.leave),
    ]);
  }

  async #send(pairs: Pair[]): Promise<void> {
    for (let i = 0; i < pairs.length; i += 128) {
      const part = pairs.slice(i, i + 128);
      const nothing = part.map(() => null);
      const ids = () => part.map(() => newId());
      await this.chat.sql.query('select * from store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        ...columns(part),
        nothing,
        ids(),
        part.map(() => 'message'),
        nothing,
        nothing,
        ids(),
        nothing,
        nothing,
      ]);
    }
  }

  async #advance(pairs: Pair[], isRead: boolean): Promise<void> {
    const seqs = pairs.map(() => 1 + this.#random(40));
    const zeros = pairs.map(() => 0);
    // Some read up to the newest message, however many there are.
    const upTo = seqs.map((seq) => (seq > 30 ? 2_147_483_647 : seq));
    await this.chat.sql.query('select * from advance_receipts($1, $2, $3, $4, 0)', [...columns(pairs), isRead ? upTo : zeros, upTo]);
  }

  /** A random message of each group, of any sender. */
  async #delete(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `update messages m set content = '', deleted_at = now()
         from unnest($1::uuid[], $2::float[]) r (id, part) join conversations c on c.id = r.id
         where m.conversation_id = c.id and m.seq = ceil(r.part * c.last_seq) and m.deleted_at is null`,
      [pairs.map(([id]) => id), pairs.map(() => this.#random(1000) / 1000)],
    );
  }

  async #edit(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `update messages m set content = 'edited' from conversations c
         where c.id = any ($1::uuid[]) and m.conversation_id = c.id and m.seq = c.last_seq and m.deleted_at is null`,
      [pairs.map(([id]) => id)],
    );
  }

  async #join(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `insert into members (conversation_id, user_id, role, joined_at, last_read_seq, last_delivered_seq)
         select c.id, r.user_id, 'MEMBER', now(), c.last_seq, c.last_seq
           from unnest($1::uuid[], $2::uuid[]) r (id, user_id) join conversations c on c.id = r.id on conflict do nothing`,
      columns(pairs),
    );
  }

  async #leave(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      'delete from members m using unnest($1::uuid[], $2::uuid[]) l (id, user_id) where m.conversation_id = l.id and m.user_id = l.user_id',
      columns(pairs),
    );
  }
}
