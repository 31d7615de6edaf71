import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { UsersService } from './users.service.js';

@Controller()
export class UsersConsumer {
  constructor(private readonly users: UsersService) {}

  @EventPattern<EventType>('UserRegistered')
  async addUser(@Payload() { payload }: ReceivedEvent<'UserRegistered'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.users.addUser(manager, payload.userId, payload.registeredAt);
  }

  @EventPattern<EventType>('UserDeleted')
  async deleteUser(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() { manager }: EventContext): Promise<void> {
    await this.users.recordDeletion(manager, payload.userId, payload.deletedAt);
  }
}
