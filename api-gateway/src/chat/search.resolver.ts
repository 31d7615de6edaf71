import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { withoutNulls } from '../clients/without-nulls.js';
import { FairLimit } from '../graphql/fair-limit.js';
import { CurrentUser } from '../graphql/parameters.js';
import { SearchMessagesArgs } from './search.args.js';
import { MessageSearchResult } from './search.types.js';

const SEARCH_MESSAGES =
  'Substring match in any script, newest first, only in conversations of the current user. Upper and lower case, the accents of Latin, Greek and Cyrillic letters, and full and half width do not matter. Tombstones are not found, and edited messages by their current text only. NOT_FOUND if the current user is not a member of `conversationId`.';

/** Of this process. chat-service does few searches at a time, so one user has one at a time, and the others of the user wait here. */
const MAX_SEARCHES = 32;

@Resolver()
export class SearchResolver {
  private readonly limit = new FairLimit(MAX_SEARCHES, 1);

  constructor(private readonly chat: ChatClient) {}

  @Query(() => MessageSearchResult, { description: SEARCH_MESSAGES })
  searchMessages(@Args() args: SearchMessagesArgs, @CurrentUser() user: AuthenticatedUser): Promise<MessageSearchResult> {
    return this.limit.run(user.userId, () => this.chat.searchMessages(withoutNulls(args), user.token));
  }
}
