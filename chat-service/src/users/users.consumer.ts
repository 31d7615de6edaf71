import type { EventType } from '@chat/shared/events';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { clearDeletedPerson } from './deleted-people.js';
import { UsersService } from './users.service.js';

@Controller()
export class UsersConsumer {
  constructor(private readonly users: UsersService) {}

  @EventPattern<EventType>('UserRegistered')
  async rememberUser(@Payload() { payload }: ReceivedEvent<'UserRegistered'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.users.remember(manager, payload.userId, payload.registeredAt);
  }

  @EventPattern<EventType>('UserDeleted')
  async clearPerson(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() { manager }: EventContext): Promise<void> {
    await clearDeletedPerson(manager, payload.userId, payload.deletedAt);
  }
}
