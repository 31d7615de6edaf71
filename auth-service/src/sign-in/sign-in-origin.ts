import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import {
  AccessTokenVerifier,
  type AuthenticatedUser,
  bearerToken,
  isMfaEnrollmentToken,
  MfaEnrollmentTokenVerifier,
} from '@chat/shared/auth';
import { AppError } from '@chat/shared/errors';
import { type ClientDetails, clientDetailsOf, type ClientHeaders } from '../client/client-details.js';

/** Where a sign-in comes from. */
export interface SignInOrigin {
  client: ClientDetails;
  /** Of a valid access or setup token that came with it: the client is signed in already. */
  presented: AuthenticatedUser | null;
}

/** An access token is not needed for signing in, so one that is not valid is as good as none. */
@Injectable()
export class SignInOriginPipe implements PipeTransform<ClientHeaders, Promise<SignInOrigin>> {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly setupVerifier: MfaEnrollmentTokenVerifier,
  ) {}

  async transform(headers: ClientHeaders): Promise<SignInOrigin> {
    return { client: clientDetailsOf(headers), presented: await this.#userOf(headers.authorization) };
  }

  async #userOf(header: ClientHeaders[string]): Promise<AuthenticatedUser | null> {
    const token = typeof header === 'string' ? bearerToken(header) : undefined;
    if (token === undefined) return null;
    try {
      const user = await (isMfaEnrollmentToken(token) ? this.setupVerifier : this.verifier).verify(token);
      return user.kind === 'internal' ? null : user;
    } catch (error) {
      // Forged, run out, of a session that has ended, or not to be checked at the moment: nobody is kept from signing in by that.
      if (error instanceof AppError) return null;
      throw error;
    }
  }
}

const Headers = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ headers: ClientHeaders }>().headers,
);

/** The parameter gets the SignInOrigin of the request. */
export const Origin = (): ParameterDecorator => Headers(SignInOriginPipe);

/** How somebody has shown who they are. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';

/** A sign-in whose first factor was right. */
export interface SignInAttempt extends SignInOrigin {
  method: SignInMethod;
  /** Of the one-time code that it began with. */
  codeHash?: Buffer;
}
