import type { ChatMember } from '@chat/shared/contracts';
import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { ChatClient } from '../clients/chat.client.js';
import { answerTooLong } from '../graphql/answer-length.js';
import { FairLimit } from '../graphql/fair-limit.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import type { Conversation } from './chat.types.js';

const MAX_PER_CALL = 100;
/** Of one operation, counted as often as they are selected: what the largest page has. */
export const MAX_MEMBERS_PER_OPERATION = 100_000;
/** Of one event, counted in the same way: three times those of the largest group. An event costs its sender nothing, and comes to all subscriptions. */
const MAX_MEMBERS_PER_EVENT = 3000;
/** Of this process, and of one user, whose other operations wait here: an answer has up to 14 MB. */
const MAX_CALLS = 8;
const MAX_CALLS_PER_USER = 1;

/** The members of conversations, loaded when they are selected: those of all conversations of an operation with one call for 100 of them. */
@Injectable()
export class MembersLoader {
  private readonly loaders = new WeakMap<GraphqlContext, DataLoader<string, ChatMember[]>>();
  private readonly limit = new FairLimit(MAX_CALLS, MAX_CALLS_PER_USER);

  constructor(private readonly chat: ChatClient) {}

  /** None if the user is not a member any more. PAYLOAD_TOO_LARGE if the operation, or the event, selects too many. */
  async membersOf(conversation: Conversation, context: GraphqlContext): Promise<ChatMember[]> {
    const members = conversation.members ?? (await this.loaderOf(context).load(conversation.id));
    context.selectedMembers += members.length;
    if (context.selectedMembers > (context.isOfEvent ? MAX_MEMBERS_PER_EVENT : MAX_MEMBERS_PER_OPERATION)) throw answerTooLong();
    return members;
  }

  private loaderOf(context: GraphqlContext): DataLoader<string, ChatMember[]> {
    let loader = this.loaders.get(context);
    if (!loader) {
      loader = new DataLoader((ids) => this.request([...ids], context), { maxBatchSize: MAX_PER_CALL });
      this.loaders.set(context, loader);
    }
    return loader;
  }

  private async request(ids: string[], context: GraphqlContext): Promise<ChatMember[][]> {
    const { userId, token } = context.user!;
    const loaded = await this.limit.run(userId, () => this.chat.getMembers(ids, token));
    const found = new Map(loaded.map(({ conversationId, members }) => [conversationId, members]));
    return ids.map((id) => found.get(id) ?? []);
  }
}
