import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { ProfilesService } from './profiles.service.js';

@Controller()
export class ProfilesConsumer {
  constructor(private readonly profiles: ProfilesService) {}

  @EventPattern<EventType>('UserRegistered')
  async createProfile(@Payload() event: ReceivedEvent<'UserRegistered'>, @Ctx() context: EventContext): Promise<void> {
    await this.profiles.createOnce(context.manager, event.payload);
  }

  @EventPattern<EventType>('UserDeleted')
  async deleteUser(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.profiles.deleteUser(manager, payload.userId, payload.deletedAt);
  }
}
