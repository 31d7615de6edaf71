import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

export class TypingDto {
  @ApiProperty()
  @IsBoolean()
  typing: boolean;
}
