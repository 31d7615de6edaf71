import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { ContactsService } from './contacts.service.js';

@Controller()
export class ContactsConsumer {
  constructor(private readonly contacts: ContactsService) {}

  @EventPattern<EventType>('ConversationCreated')
  async makeMembersContacts(@Payload() event: ReceivedEvent<'ConversationCreated'>, @Ctx() context: EventContext): Promise<void> {
    await this.contacts.addConversation(context.manager, event.payload);
  }

  @EventPattern<EventType>('MembersChanged')
  async changeContacts(@Payload() event: ReceivedEvent<'MembersChanged'>, @Ctx() context: EventContext): Promise<void> {
    await this.contacts.changeMembers(context.manager, event.payload);
  }
}
