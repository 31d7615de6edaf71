import type {
  ChatMessage,
  ChatReaction,
  EditMessageRequest,
  MessageForMembers,
  MessageIdsRequest,
  MessagePage,
  MessageReceipt,
  MessagesQuery,
  MessageStatus,
  MessageVersion,
  Paginated,
  ReactionRequest,
  SendMessageRequest,
} from '@chat/shared/contracts';
import { IsId, IsText, toQueryNumber } from '@chat/shared/http';
import { FileDescriptionDto } from '@chat/shared/uploads';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, Max, Min } from 'class-validator';
import { MAX_ATTACHMENTS, MAX_CLIENT_MESSAGE_ID_CHARACTERS, MAX_CONTENT_CHARACTERS, MAX_MENTIONS } from './messages.validation.js';

const MAX_SEQ = 2_147_483_647;
const STATUSES: MessageStatus[] = ['SENT', 'DELIVERED', 'READ'];

/** For the documentation; SendMessagePipe validates it. */
export class SendMessageDto implements SendMessageRequest {
  @ApiPropertyOptional({ format: 'uuid', description: 'The user to send to; the conversation is created when there is none' })
  receiverId?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Together with receiverId only if it is the direct conversation with that user' })
  conversationId?: string;

  @ApiPropertyOptional({ maxLength: MAX_CONTENT_CHARACTERS, description: 'At least one visible character; empty only with attachments' })
  content?: string;

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    maxItems: MAX_ATTACHMENTS,
    description: 'Completed uploads of the sender for MESSAGE_ATTACHMENT that no message uses yet; an id that is repeated counts once',
  })
  attachmentIds?: string[];

  @ApiPropertyOptional({ format: 'uuid', description: 'A message of the same conversation' })
  replyToId?: string;

  @ApiPropertyOptional({ type: [String], format: 'uuid', maxItems: MAX_MENTIONS, description: 'Members of the conversation' })
  mentions?: string[];

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: MAX_CLIENT_MESSAGE_ID_CHARACTERS,
    description: 'Unique for its sender for ever; a retry with the same one returns the first message',
  })
  clientMessageId?: string;
}

/** For the documentation; EditMessagePipe validates it. */
export class EditMessageDto implements EditMessageRequest {
  @ApiProperty({
    maxLength: MAX_CONTENT_CHARACTERS,
    description: 'At least one visible character; empty only for a message with attachments',
  })
  content: string;
}

export class ReactionDto implements ReactionRequest {
  @ApiProperty({ description: 'Exactly one emoji (RGI)' })
  @IsText({ min: 1, max: 50 })
  emoji: string;
}

export class MessagesQueryDto implements MessagesQuery {
  @ApiProperty({ format: 'uuid' })
  @IsId()
  conversationId: string;

  @ApiPropertyOptional({
    type: Number,
    minimum: 1,
    maximum: MAX_SEQ,
    default: 1,
    description: '1 is the newest page; ignored with a *Seq argument',
  })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  page: number = 1;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 50 })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;

  @ApiPropertyOptional({ type: Number, minimum: 1, description: 'The `limit` messages just before this seq' })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  beforeSeq?: number;

  @ApiPropertyOptional({ type: Number, minimum: 0, description: 'The `limit` messages just after this seq' })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(0)
  @Max(MAX_SEQ)
  afterSeq?: number;

  @ApiPropertyOptional({ type: Number, minimum: 1, description: 'The message of this seq, half of the others before it' })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  aroundSeq?: number;
}

export class MessageIdsDto implements MessageIdsRequest {
  @ApiProperty({ type: [String], format: 'uuid', maxItems: 500 })
  @IsArray()
  @ArrayMaxSize(500)
  @IsId({ each: true })
  messageIds: string[];
}

export class ChatReactionDto implements ChatReaction {
  @ApiProperty() emoji: string;
  @ApiProperty({ type: 'integer', description: 'How many members reacted' }) count: number;
  @ApiProperty({
    type: [String],
    format: 'uuid',
    description: 'In the order in which they reacted: all, if the message has at most 200 reactions; otherwise the first ones',
  })
  userIds: string[];
}

export class ChatMessageDto implements ChatMessage {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) conversationId: string;
  @ApiProperty({ type: 'integer', description: 'Dense from 1 within the conversation' }) seq: number;
  @ApiProperty({ format: 'uuid' }) senderId: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) receiverId: string | null;
  @ApiProperty({ description: 'Empty if the message has only attachments, and when it was deleted' }) content: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) replyToId: string | null;
  @ApiProperty({ type: [String], format: 'uuid' }) mentions: string[];
  @ApiProperty({
    type: [FileDescriptionDto],
    description: 'In the order of the sender. `GET /files/{id}/original` has the content of a file, for members',
  })
  attachments: FileDescriptionDto[];
  @ApiProperty({ type: [ChatReactionDto], description: 'In the order of first use' }) reactions: ChatReactionDto[];
  @ApiProperty({ type: String, nullable: true }) clientMessageId: string | null;
  @ApiProperty({ enum: STATUSES }) status: MessageStatus;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) editedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) deletedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) readAt: string | null;
}

export class MessageForMembersDto extends ChatMessageDto implements MessageForMembers {
  @ApiProperty({ description: 'False if a member joined after the message' }) isVisibleToAll: boolean;
}

export class MessagePageDto implements MessagePage {
  @ApiProperty({ type: [ChatMessageDto] }) data: ChatMessageDto[];
  @ApiProperty({ type: 'integer' }) total: number;
  @ApiProperty({ type: 'integer' }) page: number;
  @ApiProperty({ type: 'integer' }) limit: number;
  @ApiProperty({ type: 'integer' }) totalPages: number;
  @ApiProperty() hasOlder: boolean;
  @ApiProperty() hasNewer: boolean;
}

export class MessageReceiptDto implements MessageReceipt {
  @ApiProperty({ format: 'uuid' }) messageId: string;
  @ApiProperty({ enum: STATUSES }) status: MessageStatus;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) readAt: string | null;
}

export class MessageVersionDto implements MessageVersion {
  @ApiProperty() content: string;
  @ApiProperty({ format: 'date-time', description: 'From then until the next version, the message had this content' }) createdAt: string;
}

export class MessageVersionPageDto implements Paginated<MessageVersion> {
  @ApiProperty({ type: [MessageVersionDto] }) data: MessageVersionDto[];
  @ApiProperty({ type: 'integer' }) total: number;
  @ApiProperty({ type: 'integer' }) page: number;
  @ApiProperty({ type: 'integer' }) limit: number;
  @ApiProperty({ type: 'integer' }) totalPages: number;
}
