import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, Matches, ValidateIf } from 'class-validator';

export class MuteDto {
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'In the future, at most 100 years away; null unmutes the conversation',
  })
  @ValidateIf(({ until }: MuteDto) => until !== null)
  @IsISO8601({ strict: true })
  @Matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, { message: 'until must be a time in RFC 3339 format, in UTC' })
  until: string | null;
}
