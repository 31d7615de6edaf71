import { ApiProperty } from '@nestjs/swagger';
import type { VerifyEmailRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';
import { Transform } from 'class-transformer';

const WHITE_SPACE = /[\p{White_Space}\p{Cf}]+/gu;

/**
 * The token from the link in a mail. White space is removed: a token that is copied from a mail may have line breaks. A text that cannot be a
 * token has the same response as an invalid token.
 */
export class MailTokenDto implements VerifyEmailRequest {
  @ApiProperty({ maxLength: 512 })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.replace(WHITE_SPACE, '') : value))
  @IsText({ max: 512 })
  token: string;
}
