import type { AuthenticatedUser } from '@chat/shared/auth';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { ChatClient } from '../clients/chat.client.js';
import { CurrentUser } from '../graphql/parameters.js';
import { ConversationArgs } from './chat.args.js';
import { Conversation } from './chat.types.js';
import { AddGroupMembersArgs, CreateGroupInput, GroupMemberArgs, GroupMemberRoleArgs, UpdateGroupArgs } from './groups.args.js';

/** What is so already changes nothing. FORBIDDEN for a role that may not do it, and for a direct conversation. */
@Resolver()
export class GroupsResolver {
  constructor(private readonly chat: ChatClient) {}

  @Mutation(() => Conversation, {
    description: 'Creates a group, whose owner is the current user. Nothing is created if one of the ids is wrong.',
  })
  createGroup(@Args('input') input: CreateGroupInput, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.createGroup(input, user.token);
  }

  @Mutation(() => Conversation, {
    description:
      'For owners and admins. An omitted argument changes nothing, and neither does `title: null`; `pictureMediaId: null` removes the picture.',
  })
  updateGroup(@Args() { conversationId, ...changes }: UpdateGroupArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.updateGroup(conversationId, changes, user.token);
  }

  @Mutation(() => Conversation, {
    description: 'For owners and admins. An added member sees the messages after this. No user is added if one of the ids is wrong.',
  })
  addGroupMembers(@Args() { conversationId, userIds }: AddGroupMembersArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.addGroupMembers(conversationId, userIds, user.token);
  }

  @Mutation(() => Conversation, {
    description: 'For owners; admins remove members that are neither owner nor admin. Removing oneself is leaving.',
  })
  removeGroupMember(@Args() { conversationId, userId }: GroupMemberArgs, @CurrentUser() user: AuthenticatedUser): Promise<Conversation> {
    return this.chat.removeGroupMember(conversationId, userId, user.token);
  }

  @Mutation(() => Conversation, { description: 'For owners. CONFLICT if the only owner would have a lower role.' })
  setGroupMemberRole(
    @Args() { conversationId, userId, role }: GroupMemberRoleArgs,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<Conversation> {
    return this.chat.setGroupMemberRole(conversationId, userId, role, user.token);
  }

  @Mutation(() => Boolean, {
    description: 'When the last owner leaves, the longest-standing admin becomes owner, or else the longest-standing member.',
  })
  async leaveConversation(@Args() { conversationId }: ConversationArgs, @CurrentUser() user: AuthenticatedUser): Promise<boolean> {
    await this.chat.leaveConversation(conversationId, user.token);
    return true;
  }
}
