import { ApiProperty } from '@nestjs/swagger';
import type { VerifyEmailRequest } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';

/** The token from the link in a mail. What cannot be one is answered as one that is not good. */
export class MailTokenDto implements VerifyEmailRequest {
  @ApiProperty({ maxLength: 512 })
  @IsText({ max: 512 })
  token: string;
}
