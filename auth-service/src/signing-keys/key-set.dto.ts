import { ApiProperty } from '@nestjs/swagger';
import { PublicKeyDto } from './public-key.dto.js';

/** JWKS (RFC 7517). */
export class KeySetDto {
  @ApiProperty({ type: [PublicKeyDto] }) keys: PublicKeyDto[];
}
