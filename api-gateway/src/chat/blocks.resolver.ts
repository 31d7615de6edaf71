import type { AuthenticatedUser } from '@chat/shared/auth';
import { IsId } from '@chat/shared/http';
import { Args, ArgsType, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { CurrentUser } from '../graphql/parameters.js';

@ArgsType()
class BlockArgs {
  @IsId()
  @Field(() => ID)
  userId: string;
}

@Resolver()
export class BlocksResolver {
  constructor(private readonly chat: ChatClient) {}

  @Query(() => [String], { description: 'The ids of the users that the current user has blocked, the last one first.' })
  getBlockedUsers(@CurrentUser() user: AuthenticatedUser): Promise<string[]> {
    return this.chat.getBlockedUsers(user.token);
  }

  @Mutation(() => Boolean, {
    description:
      'Neither user can send direct messages to the other, add the other to a group, or see the presence of the other. Blocking a user again has no effect; at most 10,000 users, above that CONFLICT.',
  })
  async blockUser(@Args() { userId }: BlockArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.chat.blockUser(userId, user.token);
    return true;
  }

  @Mutation(() => Boolean, { description: 'A block by the other user stays. Unblocking a user that is not blocked has no effect.' })
  async unblockUser(@Args() { userId }: BlockArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.chat.unblockUser(userId, user.token);
    return true;
  }
}
