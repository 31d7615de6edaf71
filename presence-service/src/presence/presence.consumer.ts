import type { EventType } from '@chat/shared/events';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { PresenceCheckQueue } from './check-queue.js';
import { PresenceService } from './presence.service.js';
import { addUsers, setIsPublic } from './users.js';

@Controller()
export class PresenceConsumer {
  constructor(
    private readonly queue: PresenceCheckQueue,
    private readonly presence: PresenceService,
  ) {}

  @EventPattern<EventType>('UserRegistered')
  async addUser(@Payload() { payload }: ReceivedEvent<'UserRegistered'>, @Ctx() { manager }: EventContext): Promise<void> {
    await addUsers(manager, [payload.userId]);
  }

  /** Users that watch this user without being contacts must learn that they may see more, or nothing any more. */
  @EventPattern<EventType>('ProfileUpdated')
  async storeIsPublic(@Payload() { payload }: ReceivedEvent<'ProfileUpdated'>, @Ctx() { manager }: EventContext): Promise<void> {
    const isChange = await setIsPublic(manager, payload.userId, payload.isPublic);
    if (isChange) await this.queue.checkNow([payload.userId]);
  }

  @EventPattern<EventType>('UserDeleted')
  async deleteUser(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.presence.delete(manager, payload.userId, payload.deletedAt);
  }
}
