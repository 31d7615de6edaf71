import type { CreateGroupRequest, MemberRole } from '@chat/shared/contracts';
import { MAX_GROUP_MEMBERS } from '@chat/shared/contracts';
import { IsId, IsName } from '@chat/shared/http';
import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { ArrayMaxSize, IsIn, IsOptional } from 'class-validator';
import { ConversationArgs } from './chat.args.js';
import { MemberRoleEnum } from './chat.types.js';

const TITLE = { max: 100 };

@InputType()
export class CreateGroupInput implements CreateGroupRequest {
  @IsName(TITLE)
  @Field({ description: '1 to 100 characters that show something.' })
  title: string;

  @ArrayMaxSize(MAX_GROUP_MEMBERS)
  @IsId({ each: true })
  @Field(() => [ID], { description: 'The current user is a member in any case. A group has at most 1,000 members.' })
  memberIds: string[];

  @IsOptional()
  @IsId()
  @Field(() => ID, { nullable: true, description: 'A completed upload of the current user for GROUP_PICTURE.' })
  pictureMediaId?: string | null;
}

@ArgsType()
export class UpdateGroupArgs extends ConversationArgs {
  @IsOptional()
  @IsName(TITLE)
  @Field(() => String, { nullable: true })
  title?: string | null;

  @IsOptional()
  @IsId()
  @Field(() => ID, {
    nullable: true,
    description: 'A completed upload of the current user for GROUP_PICTURE; null removes the picture. The one before is deleted.',
  })
  pictureMediaId?: string | null;
}

@ArgsType()
export class AddGroupMembersArgs extends ConversationArgs {
  @ArrayMaxSize(MAX_GROUP_MEMBERS)
  @IsId({ each: true })
  @Field(() => [ID])
  userIds: string[];
}

@ArgsType()
export class GroupMemberArgs extends ConversationArgs {
  @IsId()
  @Field(() => ID)
  userId: string;
}

@ArgsType()
export class GroupMemberRoleArgs extends GroupMemberArgs {
  @IsIn(Object.keys(MemberRoleEnum))
  @Field(() => MemberRoleEnum)
  role: MemberRole;
}
