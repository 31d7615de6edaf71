import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import {
  AccessTokenVerifier,
  type AuthenticatedUser,
  bearerToken,
  isMfaEnrollmentToken,
  MfaEnrollmentTokenVerifier,
} from '@chat/shared/auth';
import { AppError } from '@chat/shared/errors';
import { type ClientDetails, clientDetailsOf, type ClientHeaders, type ClientRequest } from '../client/client-details.js';

/** The origin of a sign-in. */
export interface SignInOrigin {
  client: ClientDetails;
  /** The user of a valid access or MFA enrolment token in the request: the client is signed in already. */
  presented: AuthenticatedUser | null;
}

/** A sign-in needs no access token, so an invalid one is ignored. */
@Injectable()
export class SignInOriginPipe implements PipeTransform<ClientRequest, Promise<SignInOrigin>> {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly enrolmentVerifier: MfaEnrollmentTokenVerifier,
  ) {}

  async transform({ headers, socket }: ClientRequest): Promise<SignInOrigin> {
    return { client: clientDetailsOf(headers, socket.remoteAddress), presented: await this.#userOf(headers.authorization) };
  }

  async #userOf(header: ClientHeaders[string]): Promise<AuthenticatedUser | null> {
    const token = typeof header === 'string' ? bearerToken(header) : undefined;
    if (token === undefined) return null;
    try {
      const user = await (isMfaEnrollmentToken(token) ? this.enrolmentVerifier : this.verifier).verify(token);
      return user.kind === 'internal' ? null : user;
    } catch (error) {
      // Forged, expired, of a revoked session, or impossible to verify at the moment: none of this prevents a sign-in.
      if (error instanceof AppError) return null;
      throw error;
    }
  }
}

const Request = createParamDecorator((_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<ClientRequest>());

/** The parameter gets the SignInOrigin of the request. */
export const Origin = (): ParameterDecorator => Request(SignInOriginPipe);

/** The first factor of a sign-in. */
export type SignInMethod = 'password' | 'google' | 'github' | 'facebook';

/** A sign-in after its first factor. */
export interface SignInAttempt extends SignInOrigin {
  method: SignInMethod;
  /** The hash of the one-time code of OAuth that started it. */
  codeHash?: Buffer;
}
