import { type Log, LOGGER } from '@chat/shared/observability';
import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { AccountSummary, Profile, UpdateProfileRequest } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { appendToOutbox } from '@chat/shared/outbox';
import { findDeletedUsers, listDeletedUsers } from '@chat/shared/consumer';
import { DataSource, In, type EntityManager } from 'typeorm';
import { AccountsClient } from './accounts.client.js';
import { CommittedChanges } from './committed-changes.js';
import { ProfileEntity } from './profile.entity.js';
import { profileUpdated } from './profiles.events.js';
import { profileNotFound } from './profiles.errors.js';
import { changesTo, changeTime, newProfile } from './profile-rules.js';
import { ProfileViews } from './profile-views.service.js';

/** A list may contain users that have just registered. Each unknown id costs a call to auth-service, so only a few are looked up. */
const MAX_LOOKUPS_PER_LIST = 5;

type Account = Pick<AccountSummary, 'userId' | 'username' | 'firstName' | 'lastName'>;

@Injectable()
export class ProfilesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly views: ProfileViews,
    private readonly accounts: AccountsClient,
    private readonly changes: CommittedChanges,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** The profile of the current user; created from the account if it does not exist. */
  async findOwn(user: AuthenticatedUser): Promise<Profile> {
    return this.views.ownView(await this.findOrCreate(user.userId, user));
  }

  /** Creates the profile of the current user with these fields; an existing profile is not changed. */
  async createOwn(user: AuthenticatedUser, fields: UpdateProfileRequest): Promise<Profile> {
    const found = await this.profiles.findOneBy({ userId: user.userId });
    return this.views.ownView(found ?? (await this.createFromAccount(user.userId, user, fields)));
  }

  /** Locks the row first, so that concurrent changes and their events have one order. */
  async updateOwn(user: AuthenticatedUser, request: UpdateProfileRequest): Promise<Profile> {
    await this.findOrCreate(user.userId, user);
    const { profile, isChanged } = await this.dataSource.transaction(async (manager) => {
      const profile = await lockProfile(manager, user.userId);
      const changes = changesTo(profile, request);
      if (Object.keys(changes).length === 0) return { profile, isChanged: false };
      Object.assign(profile, changes, { updatedAt: changeTime(profile) });
      await manager.update(ProfileEntity, { id: profile.id }, { ...changes, updatedAt: profile.updatedAt });
      await appendToOutbox(manager, profileUpdated(profile, 'UPDATED'));
      return { profile, isChanged: true };
    });
    if (isChanged) this.changes.add(user.userId);
    return this.views.ownView(profile);
  }

  /** A profile with the fields that the current user may see; throws NOT_FOUND for an unknown user. */
  async find(user: AuthenticatedUser, userId: string): Promise<Profile> {
    const profile = await this.findOrCreate(userId, user);
    const [view] = await this.views.visibleTo(user, [profile]);
    return view!;
  }

  /** In the order of the ids; null for unknown ids. */
  async findMany(user: AuthenticatedUser, userIds: string[]): Promise<(Profile | null)[]> {
    const wanted = [...new Set(userIds)];
    const found = await this.profiles.findBy({ userId: In(wanted) });
    const known = new Set(found.map((profile) => profile.userId));
    const missing = wanted.filter((userId) => !known.has(userId));
    const deleted = await listDeletedUsers(this.dataSource, missing);
    const unknown = missing.filter((userId) => !deleted.has(userId)).slice(0, MAX_LOOKUPS_PER_LIST);
    const created = await Promise.all(unknown.map((userId) => this.createIfAvailable(userId, user)));
    const views = await this.views.visibleTo(user, [...found, ...created.filter((profile) => profile !== null)]);
    const byUser = new Map(views.map((view) => [view.userId, view]));
    return userIds.map((userId) => byUser.get(userId) ?? null);
  }

  /**
   * Returns the profile of this account; creates it in this transaction if there is none. Concurrent calls create one profile.
   * Null if the account was deleted: its profile is never created again.
   */
  async createOnce(manager: EntityManager, account: Account, fields: UpdateProfileRequest = {}): Promise<ProfileEntity | null> {
    if ((await findDeletedUsers(manager, [account.userId])).size > 0) return null;
    const profile = newProfile(account, new Date());
    Object.assign(profile, changesTo(profile, fields));
    const inserted = await manager.createQueryBuilder().insert().into(ProfileEntity).values(profile).orIgnore().returning('id').execute();
    if (inserted.raw.length === 0) return manager.findOneByOrFail(ProfileEntity, { userId: account.userId });
    await appendToOutbox(manager, profileUpdated(profile, 'CREATED'));
    return profile;
  }

  private get profiles() {
    return this.dataSource.getRepository(ProfileEntity);
  }

  async findOrCreate(userId: string, user: AuthenticatedUser): Promise<ProfileEntity> {
    return (await this.profiles.findOneBy({ userId })) ?? (await this.createFromAccount(userId, user));
  }

  private async createFromAccount(userId: string, user: AuthenticatedUser, fields?: UpdateProfileRequest): Promise<ProfileEntity> {
    const account = await this.accounts.find(userId, user);
    if (!account) throw profileNotFound();
    const profile = await this.dataSource.transaction((manager) => this.createOnce(manager, account, fields));
    if (!profile) throw profileNotFound();
    this.changes.add(userId);
    return profile;
  }

  /** Null also if auth-service is unavailable: the rest of the list is returned, and the UserRegistered event will create the profile. */
  private async createIfAvailable(userId: string, user: AuthenticatedUser): Promise<ProfileEntity | null> {
    try {
      return await this.createFromAccount(userId, user);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind !== 'not-found') this.logger.warn({ userId, error }, 'account lookup failed');
      return null;
    }
  }
}

/** The profile of a user, locked until the transaction ends; throws NOT_FOUND if the user was deleted meanwhile. */
export async function lockProfile(manager: EntityManager, userId: string): Promise<ProfileEntity> {
  const profile = await manager.findOne(ProfileEntity, { where: { userId }, lock: { mode: 'pessimistic_write' } });
  if (!profile) throw profileNotFound();
  return profile;
}
