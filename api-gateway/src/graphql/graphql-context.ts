import type { Profile } from '@chat/shared/contracts';
import type { AuthenticatedUser } from '@chat/shared/auth';
import { AppError } from '@chat/shared/errors';
import DataLoader from 'dataloader';
import { secondFactorNeededFirst } from './access.errors.js';
import type { ClientHeaders } from './client-request.js';
import type { ProfileClient } from '../services/profile.client.js';

/**
 * What one operation knows: who asks, and what it has loaded so far. Never shared between operations.
 * Apollo copies it by its own properties, so it has no `#private` ones.
 */
export class GraphqlContext {
  /** Set once the caller has been let in. */
  caller: AuthenticatedUser | null = null;
  /** True once something was resolved that another viewer would see differently. */
  isViewerDependent = false;
  private signingIn: Promise<AuthenticatedUser> | null = null;
  private profileLoader: DataLoader<string, Profile | null> | null = null;
  private isProfileFailureTold = false;

  constructor(
    /** Nest looks for it. */
    readonly req: object,
    private readonly identify: () => Promise<AuthenticatedUser>,
    private readonly profiles: ProfileClient,
    /** What auth-service is told of the client. */
    readonly clientHeaders: () => ClientHeaders,
    /** As it came over HTTP, for operations that need none. */
    readonly presentedToken?: string,
  ) {}

  /** A fresh context for the same caller: each event of a subscription is resolved in one. */
  fork(): GraphqlContext {
    const context = new GraphqlContext(this.req, this.identify, this.profiles, this.clientHeaders, this.presentedToken);
    context.caller = this.caller;
    return context;
  }

  /** For the next event of a page: what was loaded stays, what was told is told again. */
  beginNext(): void {
    this.isProfileFailureTold = false;
  }

  /**
   * Verifies the token the first time it is asked; later calls get the same answer. Who must set up a second factor first is let in only
   * where that is said.
   */
  async signIn({ duringSetup }: { duringSetup: boolean }): Promise<AuthenticatedUser> {
    this.signingIn ??= this.identify();
    const caller = await this.signingIn;
    if (caller.kind === 'mfa-enrollment' && !duringSetup) throw secondFactorNeededFirst();
    this.caller = caller;
    return caller;
  }

  /**
   * A person's profile as the caller may see it; all that are asked for in one tick go in one call.
   * When the profile service is away, one error says so and the other fields are null.
   */
  async profileOf(userId: string): Promise<Profile | null> {
    this.isViewerDependent = true;
    const caller = this.caller;
    if (!caller) return null;
    this.profileLoader ??= new DataLoader((ids: readonly string[]) => this.profiles.getMany([...ids], caller.token), { maxBatchSize: 100 });
    try {
      return await this.profileLoader.load(userId);
    } catch (error) {
      if (this.isProfileFailureTold) return null;
      this.isProfileFailureTold = true;
      throw error;
    }
  }
}

/** For operations that carry no usable token. */
export async function nobody(): Promise<never> {
  throw new AppError('unauthenticated', 'auth/token-missing', 'Sign in first: an access token is needed');
}
