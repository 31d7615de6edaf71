import { ApiProperty } from '@nestjs/swagger';
import type { TotpSetup } from '@chat/shared/contracts';

export class TotpSetupDto implements TotpSetup {
  @ApiProperty({ description: 'Base 32, to be typed into an app' }) secret: string;
  @ApiProperty({ description: 'To be shown as a QR code' }) otpauthUrl: string;
}
