import type {
  ChatConversation,
  ChatMember,
  ConversationForMembers,
  ConversationKind,
  ConversationMembers,
  MemberRole,
  OwnConversationState,
} from '@chat/shared/contracts';
import { IsId } from '@chat/shared/http';
import { FileDescriptionDto } from '@chat/shared/uploads';
import { ApiProperty, OmitType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, Max, Min } from 'class-validator';
import { ChatMessageDto } from '../messages/messages.dto.js';

export class OpenConversationDto {
  @ApiProperty({ format: 'uuid', description: 'The other user' })
  @IsId()
  receiverId: string;
}

export class ConversationIdsDto {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: 100 })
  @IsArray()
  @ArrayMaxSize(100)
  @IsId({ each: true })
  conversationIds: string[];
}

export class UpToDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'A lower one has no effect; one above lastSeq counts as lastSeq' })
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  seq: number;
}

export class ChatMemberDto implements ChatMember {
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty({ enum: ['OWNER', 'ADMIN', 'MEMBER'] }) role: MemberRole;
  @ApiProperty({ type: 'integer' }) lastReadSeq: number;
  @ApiProperty({ type: 'integer' }) lastDeliveredSeq: number;
  @ApiProperty({ format: 'date-time' }) joinedAt: string;
}

export class ChatConversationDto implements ChatConversation {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: ['DIRECT', 'GROUP'] }) kind: ConversationKind;
  @ApiProperty({ type: String, nullable: true }) title: string | null;
  @ApiProperty({
    type: FileDescriptionDto,
    nullable: true,
    description: 'Of a group. `GET /files/{id}/original` has the content, for members',
  })
  picture: FileDescriptionDto | null;
  @ApiProperty({ type: [ChatMemberDto], description: 'Absent if the request has `Prefer: omit=members`, as GET and read requests may' })
  members: ChatMemberDto[];
  @ApiProperty({ type: ChatMessageDto, nullable: true }) lastMessage: ChatMessageDto | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastMessageAt: string | null;
  @ApiProperty({ type: 'integer', description: 'Seq of the newest message' }) lastSeq: number;
  @ApiProperty({ type: 'integer' }) unreadCount: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Of the current user' }) mutedUntil: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
}

export class ConversationMembersDto implements ConversationMembers {
  @ApiProperty({ format: 'uuid' }) conversationId: string;
  @ApiProperty({ type: [ChatMemberDto] }) members: ChatMemberDto[];
}

export class MemberWithStateDto extends ChatMemberDto implements OwnConversationState {
  @ApiProperty({ type: 'integer' }) unreadCount: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) mutedUntil: string | null;
  @ApiProperty({ description: 'False for a member that joined after the last message' }) seesLastMessage: boolean;
}

export class ConversationForMembersDto
  extends OmitType(ChatConversationDto, ['members', 'unreadCount', 'mutedUntil'])
  implements ConversationForMembers
{
  @ApiProperty({ type: [MemberWithStateDto] }) members: MemberWithStateDto[];
}

export class ConversationPageDto {
  @ApiProperty({ type: [ChatConversationDto] }) data: ChatConversationDto[];
  @ApiProperty({ type: 'integer' }) total: number;
  @ApiProperty({ type: 'integer' }) page: number;
  @ApiProperty({ type: 'integer' }) limit: number;
  @ApiProperty({ type: 'integer' }) totalPages: number;
}
