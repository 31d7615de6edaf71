import type { Profile } from '@chat/shared/contracts';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { RequestSource } from '@chat/shared/rate-limits';
import DataLoader from 'dataloader';
import type { ServerResponse } from 'node:http';
import type { ClientHeaders } from '../clients/client-headers.js';
import type { ProfileClient } from '../clients/profile.client.js';
import type { ByteBudget } from './bounded-queue.js';
import { mfaEnrollmentRequired } from './access.errors.js';

/**
 * The state of one operation: its current user, and what it has loaded so far. Never shared between operations.
 * Apollo copies the own properties of a context, so this class has no `#private` ones.
 */
export class GraphqlContext {
  /** Null until `authenticate` succeeded. */
  user: AuthenticatedUser | null = null;
  /** True once a field was resolved that has another value for another user. */
  isUserDependent = false;
  /** The same, of this event only: whether the field depends on the user is not the same for all events of its type. */
  isItemUserDependent = false;
  /** True once a field was resolved that has the same value for all members of a conversation, and none for other users. */
  isMemberDependent = false;
  /** The URLs of files are placeholders in the result, as it is for several users. */
  hasUrlPlaceholders = false;
  /** Why an event could not be resolved: the client would take the result for the state, so the stream ends, and the client resumes it. */
  streamFailure: unknown = null;
  /** True for an event of a subscription. */
  isOfEvent = false;
  /** The members of conversations that were selected, of this operation or event, counted as often as they are selected. */
  selectedMembers = 0;
  /** Of an operation on a socket: aborted when it has ended. */
  readonly ended: AbortSignal | null = null;
  /** Of an operation on a socket: for the live items that wait for its client. */
  readonly liveBudget: ByteBudget | null = null;
  private authenticating: Promise<AuthenticatedUser> | null = null;
  private profileLoader: DataLoader<string, Profile | null> | null = null;
  private isProfileFailureReported = false;

  constructor(
    /** Nest reads it. */
    readonly req: object,
    private readonly verify: () => Promise<AuthenticatedUser>,
    private readonly profiles: ProfileClient,
    /** What auth-service learns about the client. */
    readonly clientHeaders: () => ClientHeaders,
    /** The unverified token of the HTTP request, for public operations. */
    readonly bearerToken?: string,
    /** Of an operation over HTTP. */
    readonly response?: ServerResponse,
  ) {}

  /** A new context for the same user: each event of a subscription is resolved in its own context. */
  fork(): GraphqlContext {
    const context = new GraphqlContext(this.req, this.verify, this.profiles, this.clientHeaders, this.bearerToken);
    context.user = this.user;
    context.isOfEvent = true;
    return context;
  }

  /** Prepares the context for the next event of a page: it keeps the loaded profiles, and reports a failure of the profile service again. */
  startNextEvent(): void {
    this.isProfileFailureReported = false;
    this.selectedMembers = 0;
  }

  /** Verifies the token at the first call; later calls return the same result. */
  async authenticate({ allowMfaEnrollment }: { allowMfaEnrollment: boolean }): Promise<AuthenticatedUser> {
    this.authenticating ??= this.verify();
    const user = await this.authenticating;
    if (user.kind === 'mfa-enrollment' && !allowMfaEnrollment) throw mfaEnrollmentRequired();
    this.user = user;
    return user;
  }

  /** The source of the operation, for rate limits: the user if the token is valid, and the address. */
  async source(): Promise<RequestSource> {
    const address = this.clientHeaders()['x-forwarded-for'] ?? null;
    if (this.bearerToken === undefined) return { address };
    this.authenticating ??= this.verify();
    // The guard of the fields rejects the token.
    const user = await this.authenticating.catch(() => null);
    return { user: user?.userId ?? null, address };
  }

  /**
   * The profile of a user as the current user may see it. Profiles that are requested in the same tick are loaded with one call.
   * When the profile service is unavailable, the first profile fails with an error and the others are null.
   */
  async profileOf(userId: string): Promise<Profile | null> {
    this.isUserDependent = true;
    const { user } = this;
    if (!user) return null;
    this.profileLoader ??= new DataLoader((ids: readonly string[]) => this.profiles.getMany([...ids], user.token), {
      maxBatchSize: 1000,
    });
    try {
      return await this.profileLoader.load(userId);
    } catch (error) {
      if (this.isProfileFailureReported) return null;
      this.isProfileFailureReported = true;
      throw error;
    }
  }
}
