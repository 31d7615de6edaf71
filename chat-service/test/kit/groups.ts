import type { ChatConversation, MemberRole } from '@chat/shared/contracts';
import type { EventPayloads } from '@chat/shared/events';
import { newId } from '@chat/shared/database';
import type { Chat } from './chat.js';
import type { Answer, TestUser } from './test-user.js';

/** The requests for a group, by the API. */
export class TestGroup {
  private constructor(
    private readonly chat: Chat,
    readonly id: string,
  ) {}

  static async create(chat: Chat, owner: TestUser, members: TestUser[], title = 'Team'): Promise<TestGroup> {
    const memberIds = members.map(({ userId }) => userId);
    return new TestGroup(chat, (await owner.must<ChatConversation>('POST', '/chat/groups', { title, memberIds })).id);
  }

  add(by: TestUser, ...users: { userId: string }[]): Promise<Answer<ChatConversation>> {
    return by.request('POST', `/chat/groups/${this.id}/members`, { userIds: users.map(({ userId }) => userId) });
  }

  remove(by: TestUser, { userId }: { userId: string }): Promise<Answer<ChatConversation>> {
    return by.request('DELETE', `/chat/groups/${this.id}/members/${userId}`);
  }

  setRole(by: TestUser, { userId }: { userId: string }, role: MemberRole): Promise<Answer<ChatConversation>> {
    return by.request('PATCH', `/chat/groups/${this.id}/members/${userId}`, { role });
  }

  setTitle(by: TestUser, title: unknown): Promise<Answer<ChatConversation>> {
    return by.request('PATCH', `/chat/groups/${this.id}`, { title });
  }

  leave(by: TestUser): Promise<Answer<unknown>> {
    return by.request('POST', `/chat/conversations/${this.id}/leave`);
  }

  send(by: TestUser, content = 'hello'): Promise<Answer<{ id: string; seq: number }>> {
    return by.request('POST', '/chat/messages', { conversationId: this.id, content });
  }

  /** The roles of the members, as the database has them. */
  async roles(): Promise<Record<string, MemberRole>> {
    const rows = await this.chat.rows<{ id: string; role: MemberRole }>(
      'select user_id as id, role from members where conversation_id = $1',
      [this.id],
    );
    return Object.fromEntries(rows.map(({ id, role }) => [id, role]));
  }

  /** What MembersChanged has told so far, without ids and times of its own. */
  async changes(topic: 'chat.conversation' | 'chat.membership' = 'chat.conversation') {
    const events = await this.chat.outbox<EventPayloads['MembersChanged']>(this.id, topic);
    return events
      .filter(({ type }) => type === 'MembersChanged')
      .map(({ payload: { added, removed, changedRoles, changedBy, lastSeq } }) => ({ added, removed, changedRoles, changedBy, lastSeq }));
  }

  async eventTypes(): Promise<string[]> {
    return (await this.chat.outbox(this.id)).map(({ type }) => type);
  }
}

/** Users that chat-service knows, without a token. */
export async function knownUsers(chat: Chat, count: number): Promise<{ userId: string }[]> {
  const users = Array.from({ length: count }, () => ({ userId: newId() }));
  await chat.sql.query('insert into users (user_id, registered_at) select id, now() from unnest($1::uuid[]) id', [
    users.map(({ userId }) => userId),
  ]);
  return users;
}
