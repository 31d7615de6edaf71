import type { Client } from './client.ts';
import { perform, RandomHistory, times } from './random-history.ts';

export async function createGroup(creator: Client, members: Client[]): Promise<string> {
  const input = { title: 'new', memberIds: members.map(({ user }) => user.userId) };
  const data = await perform(creator, 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }', { input });
  if (!data) throw new Error('the group was refused');
  return data['createGroup'].id;
}

/** Operations in a group; not all users are members of it at all times. */
export class GroupHistory extends RandomHistory {
  protected override addressOf(): Record<string, string> {
    return { conversationId: this.conversationId };
  }

  protected override ownOperationsOfEveryKind() {
    const [owner, observer] = this.users as [Client, Client];
    return [
      () => this.onConversation(owner, 'setGroupMemberRole', `, userId: "${observer.user.userId}", role: ADMIN`),
      () => this.onConversation(owner, 'updateGroup', ', title: "renamed"'),
    ];
  }

  protected override ownOperations(actor: Client) {
    const role = ['OWNER', 'ADMIN', 'MEMBER'][this.random(3)];
    const userId = this.anyUser().user.userId;
    return [
      () => this.onConversation(actor, 'updateGroup', `, title: "title ${this.random(3)}"`),
      () => this.#changePicture(actor),
      ...times(2, () => this.onConversation(actor, 'addGroupMembers', `, userIds: ["${userId}"]`)),
      () => this.onConversation(actor, 'removeGroupMember', `, userId: "${userId}"`),
      () => this.onConversation(actor, 'setGroupMemberRole', `, userId: "${userId}", role: ${role}`),
      () => this.onConversation(actor, 'leaveConversation', '', ''),
    ];
  }

  async #changePicture(actor: Client): Promise<void> {
    const id = this.random(2) === 0 ? undefined : await this.upload(actor, 'GROUP_PICTURE');
    await this.onConversation(actor, 'updateGroup', `, pictureMediaId: ${id === undefined ? null : `"${id}"`}`);
  }
}
