import { ApiProperty } from '@nestjs/swagger';
import type { CodeRequest, RecoveryCodes, TotpSetup } from '@chat/shared/contracts';
import { IsText } from '@chat/shared/http';

export class CodeDto implements CodeRequest {
  @ApiProperty({ description: 'Six digits of the app', example: '123456', maxLength: 64 })
  @IsText({ min: 1, max: 64 })
  code: string;
}

export class RecoveryCodesDto implements RecoveryCodes {
  @ApiProperty({ type: [String], description: 'Ten, each works once in the place of a code of the app' }) recoveryCodes: string[];
}

export class TotpSetupDto implements TotpSetup {
  @ApiProperty({ description: 'Base 32, to be typed into an app' }) secret: string;
  @ApiProperty({ description: 'To be shown as a QR code' }) otpauthUrl: string;
}
