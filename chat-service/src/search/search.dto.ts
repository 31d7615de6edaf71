import type { ChatMessage, SearchMessagesRequest, SearchPage } from '@chat/shared/contracts';
import { IsId, IsText } from '@chat/shared/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ChatMessageDto } from '../messages/messages.dto.js';

export const MAX_QUERY_CHARACTERS = 100;

export class SearchMessagesDto implements SearchMessagesRequest {
  @ApiProperty({ minLength: 1, maxLength: MAX_QUERY_CHARACTERS, description: 'A part of the text, with at least one visible character' })
  @IsText({ min: 1, max: MAX_QUERY_CHARACTERS })
  query: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only messages of this conversation' })
  @IsOptional()
  @IsId()
  conversationId?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only messages of this sender' })
  @IsOptional()
  @IsId()
  senderId?: string;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ description: 'The nextCursor of the page before' })
  @IsOptional()
  @IsText({ max: 100 })
  after?: string;
}

export class SearchPageDto implements SearchPage {
  @ApiProperty({ type: [ChatMessageDto] }) data: ChatMessage[];
  @ApiProperty({ type: String, nullable: true, description: 'Null if there are no more; otherwise pass it as `after`' }) nextCursor:
    string | null;
}
