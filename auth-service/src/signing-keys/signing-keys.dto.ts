import { ApiProperty } from '@nestjs/swagger';

/** A public key for verifying access tokens (RFC 7517). */
export class PublicKeyDto {
  @ApiProperty({ example: 'EC' }) kty: string;
  @ApiProperty({ example: 'P-256' }) crv: string;
  @ApiProperty() x: string;
  @ApiProperty() y: string;
  @ApiProperty({ description: 'RFC 7638 thumbprint; the `kid` in the header of a token' }) kid: string;
  @ApiProperty({ example: 'ES256' }) alg: string;
  @ApiProperty({ example: 'sig' }) use: string;
}

/** JWKS (RFC 7517). */
export class KeySetDto {
  @ApiProperty({ type: [PublicKeyDto] }) keys: PublicKeyDto[];
}
