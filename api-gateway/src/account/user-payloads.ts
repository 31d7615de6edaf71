import type { Account, AuthTokens, Profile } from '@chat/shared/contracts';
import { isMfaEnrollmentToken } from '@chat/shared/auth';
import { Injectable } from '@nestjs/common';
import { ProfileClient } from '../clients/profile.client.js';
import type { AuthResponse, UserPayload } from './account.types.js';

/** Accounts as clients get them: what auth-service knows, with the names of the profile, which is asked when one is selected, once. */
@Injectable()
export class UserPayloads {
  constructor(private readonly profiles: ProfileClient) {}

  of(account: Account, token: string): UserPayload {
    if (isMfaEnrollmentToken(token)) return { ...account, loadProfile: async () => null };
    let loading: Promise<Profile> | null = null;
    return { ...account, loadProfile: () => (loading ??= this.profiles.getMine(token)) };
  }

  /** What every sign-in answers with. */
  signedIn({ accessToken, refreshToken, user }: AuthTokens): AuthResponse {
    return { accessToken, refreshToken, user: this.of(user, accessToken) };
  }
}
