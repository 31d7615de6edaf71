import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { BlocksService } from './blocks.service.js';

@Controller()
export class BlocksConsumer {
  constructor(private readonly blocks: BlocksService) {}

  @EventPattern<EventType>('UserBlocked')
  async addBlock(@Payload() { payload }: ReceivedEvent<'UserBlocked'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.blocks.add(manager, payload.userId, payload.blockedUserId);
  }

  @EventPattern<EventType>('UserUnblocked')
  async removeBlock(@Payload() { payload }: ReceivedEvent<'UserUnblocked'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.blocks.remove(manager, payload.userId, payload.unblockedUserId);
  }
}
