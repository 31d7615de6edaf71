import type { EventType } from '@chat/shared/events';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { DuePeople } from './due-people.js';
import { addPeople, chooseIsPublic } from './people.js';
import { PresenceService } from './presence.service.js';

@Controller()
export class PresenceConsumer {
  constructor(
    private readonly due: DuePeople,
    private readonly presence: PresenceService,
  ) {}

  @EventPattern<EventType>('UserRegistered')
  async addPerson(@Payload() { payload }: ReceivedEvent<'UserRegistered'>, @Ctx() { manager }: EventContext): Promise<void> {
    await addPeople(manager, [payload.userId]);
  }

  /** Who watches this person without being a contact has to learn that they may see more, or no longer anything. */
  @EventPattern<EventType>('ProfileUpdated')
  async keepIsPublic(@Payload() { payload }: ReceivedEvent<'ProfileUpdated'>, @Ctx() { manager }: EventContext): Promise<void> {
    const isNews = await chooseIsPublic(manager, payload.userId, payload.isPublic);
    if (isNews) await this.due.lookNow([payload.userId]);
  }

  @EventPattern<EventType>('UserDeleted')
  async forgetPerson(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.presence.forget(manager, payload.userId, payload.deletedAt);
  }
}
