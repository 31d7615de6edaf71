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
/** Of this process, and of one user, whose other operations wait here: an answer has up to 14 MB. */
const MAX_CALLS = 8;
const MAX_CALLS_PER_USER = 1;

interface MembersOfOperation {
  loader: DataLoader<string, ChatMember[]>;
  selected: number;
}

/** The members of conversations, loaded when they are selected: those of all conversations of an operation with one call for 100 of them. */
@Injectable()
export class MembersLoader {
  private readonly operations = new WeakMap<GraphqlContext, MembersOfOperation>();
  private readonly limit = new FairLimit(MAX_CALLS, MAX_CALLS_PER_USER);

  constructor(private readonly chat: ChatClient) {}

  /** None if the user is not a member any more. PAYLOAD_TOO_LARGE if the operation selects too many. */
  async membersOf(conversation: Conversation, context: GraphqlContext): Promise<ChatMember[]> {
    const operation = this.operationOf(context);
    const members = conversation.members ?? (await operation.loader.load(conversation.id));
    operation.selected += members.length;
    if (operation.selected > MAX_MEMBERS_PER_OPERATION) throw answerTooLong();
    return members;
  }

  private operationOf(context: GraphqlContext): MembersOfOperation {
    let operation = this.operations.get(context);
    if (!operation) {
      operation = { loader: new DataLoader((ids) => this.request([...ids], context), { maxBatchSize: MAX_PER_CALL }), selected: 0 };
      this.operations.set(context, operation);
    }
    return operation;
  }

  private async request(ids: string[], context: GraphqlContext): Promise<ChatMember[][]> {
    const { userId, token } = context.user!;
    const loaded = await this.limit.run(userId, () => this.chat.getMembers(ids, token));
    const found = new Map(loaded.map(({ conversationId, members }) => [conversationId, members]));
    return ids.map((id) => found.get(id) ?? []);
  }
}
