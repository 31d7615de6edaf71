import { ApiProperty } from '@nestjs/swagger';
import type { RecoveryCodes } from '@chat/shared/contracts';

export class RecoveryCodesDto implements RecoveryCodes {
  @ApiProperty({ type: [String], description: 'Ten, each works once in the place of a code of the app' }) recoveryCodes: string[];
}
