import { Inject, Injectable } from '@nestjs/common';
import { channels } from '@chat/shared/realtime';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { PresenceServiceConfig } from '../config.js';
import type { NextLooks } from './due-people.js';
import { Leases, resultsOf } from './leases.js';
import { lockPeople, saveLooks, type SeenPerson } from './people.js';
import type { PersonEntity } from './person.entity.js';
import { hiddenPresence, lookAt, visiblePresence, type Look } from './presence-rules.js';
import { REDIS } from './redis.token.js';

/** Looks at people and announces what changed. */
@Injectable()
export class PresenceLooks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly leases: Leases,
    @Inject(REDIS) private readonly redis: Redis,
    private readonly config: PresenceServiceConfig,
  ) {}

  /**
   * One transaction with the rows locked: another instance that looks at the same person waits, and then finds the change announced.
   * Leases are read after the lock, so a later look never decides by an earlier reading. Announced before the commit: if either
   * fails the people stay due, and the next look announces the same once more rather than not at all.
   */
  async look(userIds: string[]): Promise<NextLooks> {
    const nextLooks: NextLooks = new Map();
    await this.dataSource.transaction(async (manager) => {
      const people = await lockPeople(manager, userIds);
      await this.letGo(userIds, people, nextLooks);
      const leaseEnds = await this.leases.lastEnds(people.map((person) => person.userId));
      const nowMs = Date.now();
      const announcements: { channel: string; text: string }[] = [];
      const changed: SeenPerson[] = [];
      people.forEach((person, index) => {
        const look = lookAt(person, leaseEnds[index]!, nowMs, this.config.graceMs);
        nextLooks.set(person.userId, look.nextLookMs);
        const presence = visiblePresence(person.userId, person.chosenStatus, look);
        const isNews = presence.status !== person.announcedStatus || person.isPublic !== person.announcedIsPublic;
        if (isNews)
          announcements.push({ channel: channels.presence(person.userId), text: JSON.stringify({ presence, isPublic: person.isPublic }) });
        if (isNews || differs(person, look))
          changed.push({ ...look, userId: person.userId, announcedStatus: presence.status, announcedIsPublic: person.isPublic });
      });
      await saveLooks(manager, changed);
      await this.announce(announcements);
    });
    return nextLooks;
  }

  /** The last that is heard of a person: call it in the transaction that clears them, as a look announces before its commit. */
  async announceGone(userId: string): Promise<void> {
    await this.announce([
      { channel: channels.presence(userId), text: JSON.stringify({ presence: hiddenPresence(userId), isPublic: true }) },
    ]);
  }

  /** Who deleted the account has no row: the lease of a socket that was not closed yet is no presence, and nobody looks again. */
  private async letGo(userIds: string[], people: PersonEntity[], nextLooks: NextLooks): Promise<void> {
    const here = new Set(people.map((person) => person.userId));
    const gone = userIds.filter((userId) => !here.has(userId));
    await this.leases.forgetAll(gone);
    for (const userId of gone) nextLooks.set(userId, null);
  }

  private async announce(announcements: { channel: string; text: string }[]): Promise<void> {
    if (announcements.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { channel, text } of announcements) pipeline.publish(channel, text);
    await resultsOf(pipeline);
  }
}

function differs(person: PersonEntity, look: Look): boolean {
  return (
    person.present !== look.present ||
    person.leftAt?.getTime() !== look.leftAt?.getTime() ||
    person.lastSeenAt?.getTime() !== look.lastSeenAt?.getTime()
  );
}
