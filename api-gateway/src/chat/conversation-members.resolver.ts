import { ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import type { ProfileType } from '../profiles/profiles.types.js';
import { ConversationMember } from './chat.types.js';

/** A receipt that an event does not have: its current value, or the value at creation if that cannot be loaded. */
function currentValue(
  member: ConversationMember,
  field: 'lastReadSeq' | 'lastDeliveredSeq',
  context: GraphqlContext,
): number | Promise<number> {
  if (!member.loadCurrent) return member[field];
  context.isMemberDependent = true;
  return member.loadCurrent().then((current) => (current ?? member)[field]);
}

@Resolver(() => ConversationMember)
export class ConversationMembersResolver {
  @ResolveField()
  profile(member: ConversationMember, _args: unknown, context: GraphqlContext): Promise<ProfileType | null> {
    return context.profileOf(member.userId);
  }

  @ResolveField()
  lastReadSeq(member: ConversationMember, _args: unknown, context: GraphqlContext): number | Promise<number> {
    return currentValue(member, 'lastReadSeq', context);
  }

  @ResolveField()
  lastDeliveredSeq(member: ConversationMember, _args: unknown, context: GraphqlContext): number | Promise<number> {
    return currentValue(member, 'lastDeliveredSeq', context);
  }
}
