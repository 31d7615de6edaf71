import type { Client } from './client.ts';
import { perform, RandomHistory, SEND } from './random-history.ts';

/** Both users write at the same moment, which creates their direct conversation; they must not have one. Returns its id. */
export async function createDirectConversation(users: Client[]): Promise<string> {
  const [first, second] = users as [Client, Client];
  const sends = [
    [first, second],
    [second, first],
  ].map(([sender, receiver]) => perform(sender!, SEND, { input: { receiverId: receiver!.user.userId, content: 'first' } }));
  const ids = new Set((await Promise.all(sends)).map((data) => data?.['sendMessage'].conversationId as string | undefined));
  const [id] = ids;
  if (ids.size !== 1 || id === undefined) throw new Error(`two users have the direct conversations ${[...ids].join(', ')}`);
  return id;
}

/** Operations of two users in their direct conversation, who block each other at times. */
export class DirectHistory extends RandomHistory {
  protected override addressOf(actor: Client): Record<string, string> {
    return this.random(2) === 0 ? { conversationId: this.conversationId } : { receiverId: this.#otherOf(actor) };
  }

  protected override ownOperationsOfEveryKind() {
    const [, observer] = this.users as [Client, Client];
    return [() => this.mute(observer, '2099-01-01T00:00:00.000Z')];
  }

  protected override ownOperations(actor: Client) {
    const change = (mutation: string) => () =>
      perform(actor, `mutation ($id: ID!) { ${mutation}(userId: $id) }`, { id: this.#otherOf(actor) });
    // Unblocking is more frequent, so that most of the time both can write.
    return [change('blockUser'), ...[1, 2, 3].map(() => change('unblockUser'))];
  }

  #otherOf(actor: Client): string {
    return this.users.find((user) => user !== actor)!.user.userId;
  }
}
