import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ACCESS_TOKEN_TYPE, MFA_ENROLLMENT_TOKEN_TYPE } from '@chat/shared/auth';
import { SignJWT } from 'jose';
import { AuthConfig } from '../config.js';
import { SigningKeysService } from '../signing-keys/signing-keys.service.js';

/** Signs access tokens (RFC 9068), and instead of them MFA enrolment tokens, which only `@AllowDuringMfaEnrollment()` routes accept. */
@Injectable()
export class AccessTokenIssuer {
  constructor(
    private readonly config: AuthConfig,
    private readonly signingKeys: SigningKeysService,
  ) {}

  issue(userId: string, sessionId: string, { forMfaEnrolment }: { forMfaEnrolment: boolean }): Promise<string> {
    const { kid, privateKey } = this.signingKeys.current();
    const nowSeconds = Math.floor(Date.now() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'ES256', typ: forMfaEnrolment ? MFA_ENROLLMENT_TOKEN_TYPE : ACCESS_TOKEN_TYPE, kid })
      .setIssuer(this.config.jwtIssuer)
      .setAudience(this.config.jwtAudience)
      .setSubject(userId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.config.accessTokenSeconds)
      .setJti(randomUUID())
      .sign(privateKey);
  }
}
