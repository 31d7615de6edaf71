import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AccountSummary, Profile, UpdateProfileRequest } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { appendToOutbox, OutboxRelay } from '@chat/shared/outbox';
import { findDeletedUsers, recordDeletedUser } from '@chat/shared/consumer';
import { DataSource, In, type EntityManager } from 'typeorm';
import { ContactsService } from '../contacts/contacts.service.js';
import { AccountsClient } from './accounts.client.js';
import { ProfileEntity } from './profile.entity.js';
import { profileDeleted, profileUpdated } from './profiles.events.js';
import { profileNotFound } from './profiles.errors.js';
import { changesTo, newProfile, profileAsSeenBy, type Viewer } from './profile-rules.js';

/** A list of people may name some who registered a moment ago; more than a few unknown ids are not news but noise, and cost a call each. */
const MAX_LOOKUPS_PER_LIST = 5;

type Account = Pick<AccountSummary, 'userId' | 'username' | 'firstName' | 'lastName'>;

@Injectable()
export class ProfilesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contacts: ContactsService,
    private readonly accounts: AccountsClient,
    private readonly relay: OutboxRelay,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  async findOwn(caller: AuthenticatedUser): Promise<Profile> {
    return profileAsSeenBy('owner', await this.findOrMake(caller.userId, caller.token));
  }

  /** Makes the caller's profile with these fields; one that is there already stays as it is. */
  async makeOwn(caller: AuthenticatedUser, fields: UpdateProfileRequest): Promise<Profile> {
    const found = await this.profiles.findOneBy({ userId: caller.userId });
    return profileAsSeenBy('owner', found ?? (await this.makeFromAccount(caller.userId, caller.token, fields)));
  }

  /** The row is locked first: changes made at the same time follow one another, and so do their events. */
  async updateOwn(caller: AuthenticatedUser, request: UpdateProfileRequest): Promise<Profile> {
    await this.findOrMake(caller.userId, caller.token);
    const updated = await this.dataSource.transaction(async (manager) => {
      const profile = await manager.findOne(ProfileEntity, { where: { userId: caller.userId }, lock: { mode: 'pessimistic_write' } });
      if (!profile) throw profileNotFound();
      const changes = changesTo(profile, request);
      if (Object.keys(changes).length === 0) return profile;
      Object.assign(profile, changes, { updatedAt: new Date() });
      await manager.update(ProfileEntity, { id: profile.id }, { ...changes, updatedAt: profile.updatedAt });
      await appendToOutbox(manager, profileUpdated(profile));
      return profile;
    });
    this.relay.wake();
    return profileAsSeenBy('owner', updated);
  }

  async find(caller: AuthenticatedUser, userId: string): Promise<Profile> {
    const profile = await this.findOrMake(userId, caller.token);
    const [view] = await this.asSeenBy(caller, [profile]);
    return view!;
  }

  /** In the order asked, null for whom nobody knows. */
  async findMany(caller: AuthenticatedUser, userIds: string[]): Promise<(Profile | null)[]> {
    const wanted = [...new Set(userIds)];
    const found = await this.profiles.findBy({ userId: In(wanted) });
    const known = new Set(found.map((profile) => profile.userId));
    const missing = wanted.filter((userId) => !known.has(userId));
    const gone = await findDeletedUsers(this.dataSource, missing);
    const unknown = missing.filter((userId) => !gone.has(userId)).slice(0, MAX_LOOKUPS_PER_LIST);
    const made = await Promise.all(unknown.map((userId) => this.makeIfReachable(userId, caller.token)));
    const views = await this.asSeenBy(caller, [...found, ...made.filter((profile) => profile !== null)]);
    const byUser = new Map(views.map((view) => [view.userId, view]));
    return userIds.map((userId) => byUser.get(userId) ?? null);
  }

  /**
   * The profile of this account, made in this transaction when there is none yet. Once per user, however often and from however many sides
   * it is asked for. Null when the account was deleted: its profile does not come back.
   */
  async make(manager: EntityManager, account: Account, fields: UpdateProfileRequest = {}): Promise<ProfileEntity | null> {
    if ((await findDeletedUsers(manager, [account.userId])).size > 0) return null;
    const profile = newProfile(account, new Date());
    Object.assign(profile, changesTo(profile, fields));
    const inserted = await manager.createQueryBuilder().insert().into(ProfileEntity).values(profile).orIgnore().returning('id').execute();
    if (inserted.raw.length === 0) return manager.findOneByOrFail(ProfileEntity, { userId: account.userId });
    await appendToOutbox(manager, profileUpdated(profile));
    return profile;
  }

  /** Clears everything of somebody who deleted the account. */
  async forget(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    await recordDeletedUser(manager, userId, deletedAt);
    const { affected } = await manager.delete(ProfileEntity, { userId });
    await this.contacts.forget(manager, userId);
    if (affected) await appendToOutbox(manager, profileDeleted(userId, deletedAt));
  }

  private get profiles() {
    return this.dataSource.getRepository(ProfileEntity);
  }

  private async findOrMake(userId: string, token: string): Promise<ProfileEntity> {
    return (await this.profiles.findOneBy({ userId })) ?? (await this.makeFromAccount(userId, token));
  }

  private async makeFromAccount(userId: string, token: string, fields?: UpdateProfileRequest): Promise<ProfileEntity> {
    const account = await this.accounts.find(userId, token);
    if (!account) throw profileNotFound();
    const profile = await this.dataSource.transaction((manager) => this.make(manager, account, fields));
    if (!profile) throw profileNotFound();
    this.relay.wake();
    return profile;
  }

  /** Null also when auth-service gives no answer: one unknown id must not spoil the list, and its event will bring the profile. */
  private async makeIfReachable(userId: string, token: string): Promise<ProfileEntity | null> {
    try {
      return await this.makeFromAccount(userId, token);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind !== 'not-found') this.logger.warn({ userId, error }, 'account not looked up');
      return null;
    }
  }

  private async asSeenBy(caller: AuthenticatedUser, profiles: ProfileEntity[]): Promise<Profile[]> {
    const foreign = profiles.filter((profile) => !profile.isPublic && profile.userId !== caller.userId);
    const contacts = await this.contacts.contactsAmong(
      caller.userId,
      foreign.map((profile) => profile.userId),
    );
    return profiles.map((profile) => {
      const viewer: Viewer = profile.userId === caller.userId ? 'owner' : contacts.has(profile.userId) ? 'contact' : 'stranger';
      return profileAsSeenBy(viewer, profile);
    });
  }
}
