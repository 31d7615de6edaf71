import type { Account, AuthTokens, Profile, RequestToken } from '@chat/shared/contracts';
import { isMfaEnrollmentToken } from '@chat/shared/auth';
import { Injectable } from '@nestjs/common';
import { ProfileClient } from '../clients/profile.client.js';
import type { AuthResponse, UserPayload } from './account.types.js';

/** Builds UserPayload from the account in auth-service and, if a name or the picture is selected, the profile in profile-service. */
@Injectable()
export class UserPayloads {
  constructor(private readonly profiles: ProfileClient) {}

  forAccount(account: Account, token: RequestToken): UserPayload {
    // profile-service rejects MFA enrolment tokens.
    if (typeof token === 'string' && isMfaEnrollmentToken(token)) return { ...account, loadProfile: async () => null };
    let loading: Promise<Profile> | null = null;
    return { ...account, loadProfile: () => (loading ??= this.profiles.getMine(token)) };
  }

  forTokens({ accessToken, refreshToken, user }: AuthTokens): AuthResponse {
    return { accessToken, refreshToken, user: this.forAccount(user, accessToken) };
  }
}
