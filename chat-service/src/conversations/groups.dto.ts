import type { AddMembersRequest, CreateGroupRequest, MemberRole, SetRoleRequest, UpdateGroupRequest } from '@chat/shared/contracts';
import { MAX_GROUP_MEMBERS } from '@chat/shared/contracts';
import { IsId, IsName } from '@chat/shared/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';

const MAX_TITLE_CHARACTERS = 100;
const ROLES: MemberRole[] = ['OWNER', 'ADMIN', 'MEMBER'];

export class CreateGroupDto implements CreateGroupRequest {
  @ApiProperty({ minLength: 1, maxLength: MAX_TITLE_CHARACTERS })
  @IsName({ max: MAX_TITLE_CHARACTERS })
  title: string;

  @ApiProperty({ type: [String], format: 'uuid', maxItems: MAX_GROUP_MEMBERS, description: 'The current user is a member in any case' })
  @IsArray()
  @ArrayMaxSize(MAX_GROUP_MEMBERS)
  @IsId({ each: true })
  memberIds: string[];

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'A completed upload of the current user for GROUP_PICTURE',
  })
  @IsOptional()
  @IsId()
  pictureMediaId?: string | null;
}

export class UpdateGroupDto implements UpdateGroupRequest {
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: MAX_TITLE_CHARACTERS, description: 'null changes nothing' })
  @IsOptional()
  @IsName({ max: MAX_TITLE_CHARACTERS })
  title?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'A completed upload of the current user for GROUP_PICTURE; null removes the picture. The one before is deleted',
  })
  @IsOptional()
  @IsId()
  pictureMediaId?: string | null;
}

export class AddMembersDto implements AddMembersRequest {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: MAX_GROUP_MEMBERS })
  @IsArray()
  @ArrayMaxSize(MAX_GROUP_MEMBERS)
  @IsId({ each: true })
  userIds: string[];
}

export class SetRoleDto implements SetRoleRequest {
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  role: MemberRole;
}
