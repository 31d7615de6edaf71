import { EventContext, type ReceivedEvent } from '@chat/shared/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { UsersService } from './users.service.js';

@Controller()
export class UsersConsumer {
  constructor(private readonly users: UsersService) {}

  @EventPattern('UserRegistered')
  async rememberUser(@Payload() event: ReceivedEvent<'UserRegistered'>, @Ctx() context: EventContext): Promise<void> {
    await this.users.remember(context.manager, event.payload.userId, event.payload.registeredAt);
  }
}
