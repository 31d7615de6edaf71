import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { AuthConfig } from '../config.js';
import { SigningKeysService } from '../signing-keys/signing-keys.service.js';

/** Signs access tokens (RFC 9068). */
@Injectable()
export class AccessTokenIssuer {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeysService,
  ) {}

  issue(userId: string, sessionId: string): Promise<string> {
    const { kid, privateKey } = this.signingKeys.current();
    const nowSeconds = Math.floor(Date.now() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(this.config.jwtIssuer)
      .setAudience(this.config.jwtAudience)
      .setSubject(userId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.config.accessTokenSeconds)
      .setJti(randomUUID())
      .sign(privateKey);
  }
}
