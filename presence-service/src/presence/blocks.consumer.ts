import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import { BlocksService } from '../blocks/blocks.service.js';
import { PresenceCheckQueue } from './check-queue.js';
import { lockUsers, requirePublishing } from './users.js';

@Controller()
export class BlocksConsumer {
  constructor(
    private readonly blocks: BlocksService,
    private readonly queue: PresenceCheckQueue,
  ) {}

  @EventPattern<EventType>('UserBlocked')
  async addBlock(@Payload() { payload }: ReceivedEvent<'UserBlocked'>, @Ctx() { manager }: EventContext): Promise<void> {
    const { userId, blockedUserId } = payload;
    await this.blocks.add(manager, userId, blockedUserId);
    await this.#publishAgain(manager, [userId, blockedUserId]);
  }

  @EventPattern<EventType>('UserUnblocked')
  async removeBlock(@Payload() { payload }: ReceivedEvent<'UserUnblocked'>, @Ctx() { manager }: EventContext): Promise<void> {
    const { userId, unblockedUserId } = payload;
    await this.blocks.remove(manager, userId, unblockedUserId);
    await this.#publishAgain(manager, [userId, unblockedUserId]);
  }

  /** Each of the two may be watching the other, and must learn that it sees less, or more. */
  async #publishAgain(manager: EntityManager, userIds: string[]): Promise<void> {
    const users = (await lockUsers(manager, userIds)).map(({ userId }) => userId);
    const withBlocks = await this.blocks.findWithBlocks(manager, users);
    await requirePublishing(manager, users, withBlocks);
    await this.queue.checkNow(users);
  }
}
