import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../errors/index.js';
import type { ServiceName } from '../contracts/index.js';
import { RpcContext } from '../rpc/index.js';
import { AccessTokenVerifier, bearerToken } from './access-token-verifier.js';
import type { AuthenticatedUser } from './authenticated-user.js';
import type { AuthenticatedRequest } from './current-user.decorator.js';
import { ALLOW_DURING_MFA_ENROLLMENT } from './allow-during-mfa-enrollment.decorator.js';
import { FOR_SERVICES } from './for-services.decorator.js';
import { PUBLIC_ROUTE } from './public.decorator.js';
import { isMfaEnrollmentToken, MfaEnrollmentTokenVerifier } from './mfa-enrollment-tokens.js';

/**
 * Every HTTP route needs a valid bearer token unless it is `@Public()`, and every `@MessagePattern` handler a valid token in its request.
 * On behalf of a user the gateway may call what the user may call; no other service may call anything but the routes that name it in
 * `@ForServices()`, which no user may call. Events carry no token, so their handlers need none.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(AccessTokenVerifier) private readonly verifier: AccessTokenVerifier,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Optional() @Inject(MfaEnrollmentTokenVerifier) private readonly enrollmentVerifier?: MfaEnrollmentTokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const type = context.getType<string>();
    const rpc: unknown = type === 'rpc' ? context.switchToRpc().getContext() : undefined;
    if (type === 'rpc' && !(rpc instanceof RpcContext)) return true;
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_ROUTE, [context.getHandler(), context.getClass()])) return true;
    const issuers = this.reflector.getAllAndOverride<ServiceName[] | undefined>(FOR_SERVICES, [context.getHandler(), context.getClass()]);
    if (rpc instanceof RpcContext) {
      if (!rpc.token) throw tokenMissing();
      rpc.user = requireAllowed(await this.verifier.verify(rpc.token), issuers);
      return true;
    }
    if (type !== 'http') throw new AppError('forbidden', 'auth/not-http', 'This is not allowed.');
    const request = context.switchToHttp().getRequest<AuthenticatedRequest & { headers: { authorization?: string } }>();
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw tokenMissing();
    request.user = requireAllowed(await this.#verifierFor(token, context).verify(token), issuers);
    return true;
  }

  /** On any other route, AccessTokenVerifier rejects an MFA enrolment token, because it is not an access token. */
  #verifierFor(token: string, context: ExecutionContext): Pick<AccessTokenVerifier, 'verify'> {
    const isAllowed =
      this.enrollmentVerifier !== undefined && this.reflector.get<boolean>(ALLOW_DURING_MFA_ENROLLMENT, context.getHandler()) === true;
    return isAllowed && isMfaEnrollmentToken(token) ? this.enrollmentVerifier! : this.verifier;
  }
}

/** `issuers`: the services that the route names, if it names any. */
function requireAllowed(user: AuthenticatedUser, issuers: ServiceName[] | undefined): AuthenticatedUser {
  const { issuer } = user;
  const isAllowed = issuers ? issuer !== undefined && issuers.includes(issuer) : issuer === undefined || issuer === 'api-gateway';
  if (!isAllowed) throw new AppError('forbidden', 'auth/not-for-this-issuer', 'This is not allowed.');
  return user;
}

const tokenMissing = () => new AppError('unauthenticated', 'auth/token-missing', 'A valid access token is needed.');
