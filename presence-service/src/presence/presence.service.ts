import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@chat/shared/auth';
import type { Presence, PresenceStatus } from '@chat/shared/contracts';
import { findDeletedUsers } from '@chat/shared/consumer';
import { DataSource, In, type EntityManager } from 'typeorm';
import { PresenceServiceConfig } from '../config.js';
import { ContactsService } from '../contacts/contacts.service.js';
import { DuePeople } from './due-people.js';
import { Leases } from './leases.js';
import { chooseStatus, forgetPerson, lockPeople, saveLooks } from './people.js';
import { PersonEntity } from './person.entity.js';
import { PresenceLooks } from './presence-looks.js';
import { hiddenPresence, leave, lookAt, visiblePresence } from './presence-rules.js';

/** Somebody of whom no event has arrived: a profile is public until its owner says otherwise. */
const NEWCOMER = { chosenStatus: 'ONLINE', isPublic: true, present: false, leftAt: null, lastSeenAt: null } as const;

/** What people do about their presence, and what they see of others'. */
@Injectable()
export class PresenceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contacts: ContactsService,
    private readonly leases: Leases,
    private readonly due: DuePeople,
    private readonly looks: PresenceLooks,
    private readonly config: PresenceServiceConfig,
  ) {}

  /** Without an open socket it also makes the person present, as a heartbeat does. */
  async choose(caller: AuthenticatedUser, status: PresenceStatus): Promise<Presence> {
    await this.dataSource.transaction(async (manager) => {
      await chooseStatus(manager, caller.userId, status);
      if (!(await this.leases.hasSocket(caller.userId))) await this.leases.beat(caller.userId);
      await this.due.lookNow([caller.userId]);
    });
    return this.find(caller, caller.userId);
  }

  async beat(caller: AuthenticatedUser): Promise<Presence> {
    await this.leases.beat(caller.userId);
    return this.find(caller, caller.userId);
  }

  /** Goodbye of somebody without a socket, at once and without the grace, which is for lost connections. With a socket open they stay. */
  async leave(caller: AuthenticatedUser): Promise<Presence> {
    await this.dataSource.transaction(async (manager) => {
      const [person] = await lockPeople(manager, [caller.userId]);
      if (!person) return; // gone for good
      const [endBeforeMs = null] = await this.leases.lastEnds([caller.userId]);
      const { present } = lookAt(person, endBeforeMs, Date.now(), this.config.graceMs);
      await this.leases.endHeartbeat(caller.userId);
      const [endMs = null] = await this.leases.lastEnds([caller.userId]);
      const nowMs = Date.now();
      if (endMs !== null && endMs > nowMs) return;
      await this.leases.forgetEnded([caller.userId], nowMs);
      await saveLooks(manager, [{ ...person, ...leave({ ...person, present }, nowMs) }]);
    });
    return this.find(caller, caller.userId);
  }

  /** Clears everything of somebody who deleted the account; who watches them sees them go. */
  async forget(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    const wasSeen = await forgetPerson(manager, userId, deletedAt);
    await this.contacts.forget(manager, userId);
    await this.leases.forgetAll([userId]);
    if (wasSeen) await this.looks.announceGone(userId);
  }

  async find(caller: AuthenticatedUser, userId: string): Promise<Presence> {
    const [presence] = await this.findMany(caller, [userId]);
    return presence!;
  }

  /** In the order asked. Who is hidden from the caller looks like who does not exist. */
  async findMany(caller: AuthenticatedUser, userIds: string[]): Promise<Presence[]> {
    const wanted = [...new Set(userIds)];
    const [people, leaseEnds] = await Promise.all([
      this.dataSource.getRepository(PersonEntity).findBy({ userId: In(wanted) }),
      this.leases.lastEnds(wanted),
    ]);
    const personById = new Map(people.map((person) => [person.userId, person]));
    const hidden = await this.hiddenFrom(caller, people);
    const unknown = wanted.filter((userId) => !personById.has(userId));
    for (const userId of await findDeletedUsers(this.dataSource, unknown)) hidden.add(userId);
    const nowMs = Date.now();
    const presences = wanted.map((userId, index): [string, Presence] => {
      if (hidden.has(userId)) return [userId, hiddenPresence(userId)];
      const person = personById.get(userId) ?? NEWCOMER;
      const look = lookAt(person, leaseEnds[index]!, nowMs, this.config.graceMs);
      return [userId, visiblePresence(userId, person.chosenStatus, look)];
    });
    const presenceById = new Map(presences);
    return userIds.map((userId) => presenceById.get(userId)!);
  }

  private async hiddenFrom(caller: AuthenticatedUser, people: PersonEntity[]): Promise<Set<string>> {
    const privateIds = people.filter((person) => !person.isPublic && person.userId !== caller.userId).map((person) => person.userId);
    const contacts = await this.contacts.contactsAmong(caller.userId, privateIds);
    return new Set(privateIds.filter((userId) => !contacts.has(userId)));
  }
}
