import { newId } from '@chat/shared/database';
import type { Chat } from './chat.js';
import { randomFrom } from '@chat/testkit/random';
import { type Conversation, type Kind, randomKind } from './random-kinds.js';

type Pair = [conversationId: string, userId: string];

const columns = (pairs: Pair[]) => [pairs.map(([id]) => id), pairs.map(([, userId]) => userId)];

/** Every fifth conversation is a direct one. */
const DIRECT_EVERY = 5;

/**
 * Histories of many conversations at once, by the statements that the service uses. In each round every conversation has one operation of a random
 * member; the operations of one kind are one statement, and the statements of a round run concurrently.
 */
export class RandomHistory {
  readonly #random: (below: number) => number;
  readonly #conversations: Conversation[];

  constructor(
    private readonly chat: Chat,
    { seed, conversations, users }: { seed: number; conversations: number; users: number },
  ) {
    this.#random = randomFrom(seed);
    this.#conversations = Array.from({ length: conversations }, (_, n) => {
      const isDirect = n % DIRECT_EVERY === 0;
      const ids = Array.from({ length: isDirect ? 2 : users }, () => newId());
      return { id: newId(), isDirect, users: ids, members: new Set(ids) };
    });
  }

  async create(): Promise<void> {
    await this.chat.sql.query(
      `insert into conversations (id, kind, title, direct_low, direct_high, has_membership_record, created_by, created_at)
         select id, case when first is null then 'GROUP' else 'DIRECT' end, case when first is null then 'Group' end,
             least(first, second), greatest(first, second), true, id, now()
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) c (id, first, second)`,
      [
        this.#conversations.map(({ id }) => id),
        ...[0, 1].map((n) => this.#conversations.map(({ isDirect, users }) => (isDirect ? users[n] : null))),
      ],
    );
    await this.#join(this.#conversations.flatMap(({ id, users }) => users.map((userId): Pair => [id, userId])));
  }

  /** One operation in each conversation. */
  async round(): Promise<void> {
    const chosen = new Map<Kind, Pair[]>();
    for (const conversation of this.#conversations) {
      const userId = conversation.users[this.#random(conversation.users.length)]!;
      const kind = randomKind(this.#random, conversation, userId);
      if (kind === 'join') conversation.members.add(userId);
      if (kind === 'leave') conversation.members.delete(userId);
      chosen.set(kind, [...(chosen.get(kind) ?? []), [conversation.id, userId]]);
    }
    const of = (kind: Kind) => chosen.get(kind) ?? [];
    await Promise.all([
      this.#send(of('send')),
      this.#advance(of('read'), true),
      this.#advance(of('deliver'), false),
      this.#delete(of('delete')),
      this.#edit(of('edit')),
      this.#join(of('join')),
      this.#leave(of('leave')),
      this.#changeBlocks(of('block'), true),
      this.#changeBlocks(of('unblock'), false),
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

  /** A random message of each conversation, which the user may see or not; in groups of any sender, as every role may delete messages of others here. */
  async #delete(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `select delete_message(r.user_id, m.id, '{OWNER,ADMIN,MEMBER}', gen_random_uuid(), null, null)
         from unnest($1::uuid[], $2::uuid[], $3::float[]) r (id, user_id, part) join conversations c on c.id = r.id
         join messages m on m.conversation_id = c.id and m.seq = ceil(r.part * c.last_seq)`,
      [...columns(pairs), pairs.map(() => this.#random(1000) / 1000)],
    );
  }

  /** The last message of the user, deleted or not. */
  async #edit(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `select edit_message(r.user_id, m.id, 'edited ' || m.seq, gen_random_uuid(), null, null)
         from unnest($1::uuid[], $2::uuid[]) r (id, user_id)
         cross join lateral (
           select x.id, x.seq from messages x where x.conversation_id = r.id and x.sender_id = r.user_id order by x.seq desc limit 1) m`,
      columns(pairs),
    );
  }

  async #join(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      `insert into members (conversation_id, user_id, role, joined_at, joined_seq, last_read_seq, last_delivered_seq)
         select c.id, r.user_id, 'MEMBER', now(), c.last_seq, c.last_seq, c.last_seq
           from unnest($1::uuid[], $2::uuid[]) r (id, user_id) join conversations c on c.id = r.id on conflict do nothing`,
      columns(pairs),
    );
  }

  async #leave(pairs: Pair[]): Promise<void> {
    await this.chat.sql.query(
      'select remove_member(l.id, l.user_id, l.user_id, gen_random_uuid(), null, null) from unnest($1::uuid[], $2::uuid[]) l (id, user_id)',
      columns(pairs),
    );
  }

  /** The user blocks the other one of the direct conversation, or ends that. */
  async #changeBlocks(pairs: Pair[], isBlocked: boolean): Promise<void> {
    await this.chat.sql.query(
      `select change_block(b.user_id, case when c.direct_low = b.user_id then c.direct_high else c.direct_low end, $3, 10000, gen_random_uuid(), null, null)
         from unnest($1::uuid[], $2::uuid[]) b (id, user_id) join conversations c on c.id = b.id`,
      [...columns(pairs), isBlocked],
    );
  }
}
