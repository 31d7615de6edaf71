import { Injectable } from '@nestjs/common';
import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { listDeletedUsers } from '@chat/shared/consumer';
import { DataSource, In, type EntityManager } from 'typeorm';
import { PresenceServiceConfig } from '../config.js';
import { BlocksService } from '../blocks/blocks.service.js';
import { ContactsService } from '../contacts/contacts.service.js';
import { PresenceCheckQueue } from './check-queue.js';
import { evaluatePresence, evaluateSignOff, hiddenPresence, visiblePresence } from './evaluate.js';
import { PresenceEvaluator } from './evaluator.js';
import { Leases } from './leases.js';
import { UserEntity } from './user.entity.js';
import { deleteUser, lockUsers, saveEvaluations, setChosenStatus } from './users.js';

/** A user of which no event has arrived: a profile is public until its owner changes that. */
const UNKNOWN_USER = { chosenStatus: 'ONLINE', isPublic: true, present: false, leftAt: null, lastSeenAt: null } as const;

/** The requests of users: changes of their own presence, and the presence of other users that they may see. */
@Injectable()
export class PresenceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contacts: ContactsService,
    private readonly blocks: BlocksService,
    private readonly leases: Leases,
    private readonly queue: PresenceCheckQueue,
    private readonly evaluator: PresenceEvaluator,
    private readonly config: PresenceServiceConfig,
  ) {}

  /** Without an open socket it also makes the user present, as a heartbeat does. */
  async chooseStatus(userId: string, status: PresenceStatus): Promise<Presence> {
    await this.dataSource.transaction(async (manager) => {
      await setChosenStatus(manager, userId, status);
      if (!(await this.leases.hasSocket(userId))) await this.leases.beat(userId);
      await this.queue.checkNow([userId]);
    });
    return this.find(userId, userId);
  }

  async beat(userId: string): Promise<Presence> {
    await this.leases.beat(userId);
    return this.find(userId, userId);
  }

  /** A client without a socket signs off: at once, without the grace period, which is for lost connections. An open socket keeps the user present. */
  async signOff(userId: string): Promise<Presence> {
    await this.dataSource.transaction(async (manager) => {
      const [user] = await lockUsers(manager, [userId]);
      if (!user) return; // deleted
      const [endBeforeMs = null] = await this.leases.lastEnds([userId]);
      const { present } = evaluatePresence(user, endBeforeMs, Date.now(), this.config.graceMs);
      await this.leases.releaseHeartbeat(userId);
      const [endMs = null] = await this.leases.lastEnds([userId]);
      const nowMs = Date.now();
      if (endMs !== null && endMs > nowMs) return;
      await this.leases.removeEnded([userId], nowMs);
      await saveEvaluations(manager, [{ ...user, ...evaluateSignOff({ ...user, present }, nowMs) }]);
    });
    return this.find(userId, userId);
  }

  /** Deletes everything of a user that deleted the account; clients that watch the user receive OFFLINE. */
  async delete(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    const wasVisible = await deleteUser(manager, userId, deletedAt);
    await this.contacts.delete(manager, userId);
    await this.blocks.delete(manager, userId);
    await this.leases.removeAll([userId]);
    if (wasVisible) await this.evaluator.publishDeleted(userId);
  }

  async find(currentUserId: string, userId: string): Promise<Presence> {
    const [presence] = await this.findMany(currentUserId, [userId]);
    return presence!;
  }

  /** In the order of `userIds`. A user that is hidden from the current user looks like one that does not exist. */
  async findMany(currentUserId: string, userIds: string[]): Promise<Presence[]> {
    const distinctIds = [...new Set(userIds)];
    const [users, leaseEnds] = await Promise.all([
      this.dataSource.getRepository(UserEntity).findBy({ userId: In(distinctIds) }),
      this.leases.lastEnds(distinctIds),
    ]);
    const userById = new Map(users.map((user) => [user.userId, user]));
    const [hidden, blocked] = await Promise.all([
      this.hiddenFrom(currentUserId, users),
      this.blocks.findBlocked(currentUserId, distinctIds),
    ]);
    for (const userId of blocked) hidden.add(userId);
    const unknown = distinctIds.filter((userId) => !userById.has(userId));
    for (const userId of await listDeletedUsers(this.dataSource, unknown)) hidden.add(userId);
    const nowMs = Date.now();
    const presences = distinctIds.map((userId, index): [string, Presence] => {
      if (hidden.has(userId)) return [userId, hiddenPresence(userId)];
      const user = userById.get(userId) ?? UNKNOWN_USER;
      const evaluation = evaluatePresence(user, leaseEnds[index]!, nowMs, this.config.graceMs);
      return [userId, visiblePresence(userId, user.chosenStatus, evaluation)];
    });
    const presenceById = new Map(presences);
    return userIds.map((userId) => presenceById.get(userId)!);
  }

  private async hiddenFrom(currentUserId: string, users: UserEntity[]): Promise<Set<string>> {
    const privateIds = users.filter((user) => !user.isPublic && user.userId !== currentUserId).map((user) => user.userId);
    const contacts = await this.contacts.findContacts(currentUserId, privateIds);
    return new Set(privateIds.filter((userId) => !contacts.has(userId)));
  }
}
