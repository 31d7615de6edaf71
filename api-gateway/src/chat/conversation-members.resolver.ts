import { ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import type { ProfileType } from '../profiles/profile.types.js';
import { ConversationMember } from './chat.types.js';

/** A receipt that an event does not carry: as it is now; as at creation when that cannot be had. */
function asItIsNow(
  member: ConversationMember,
  field: 'lastReadSeq' | 'lastDeliveredSeq',
  context: GraphqlContext,
): number | Promise<number> {
  if (!member.present) return member[field];
  context.isUserDependent = true;
  return member.present().then((present) => (present ?? member)[field]);
}

@Resolver(() => ConversationMember)
export class ConversationMembersResolver {
  @ResolveField()
  profile(member: ConversationMember, _args: unknown, context: GraphqlContext): Promise<ProfileType | null> {
    return context.profileOf(member.userId);
  }

  @ResolveField()
  lastReadSeq(member: ConversationMember, _args: unknown, context: GraphqlContext): number | Promise<number> {
    return asItIsNow(member, 'lastReadSeq', context);
  }

  @ResolveField()
  lastDeliveredSeq(member: ConversationMember, _args: unknown, context: GraphqlContext): number | Promise<number> {
    return asItIsNow(member, 'lastDeliveredSeq', context);
  }
}
