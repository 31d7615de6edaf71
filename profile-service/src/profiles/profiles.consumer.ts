import type { EventType } from '@chat/shared/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventContext, type ReceivedEvent } from '@chat/shared/consumer';
import { OutboxRelay } from '@chat/shared/outbox';
import { UploadCleanup } from '@chat/shared/uploads';
import { CommittedChanges } from './committed-changes.js';
import { ProfileDeletion } from './profile-deletion.service.js';
import { ProfilesService } from './profiles.service.js';

@Controller()
export class ProfilesConsumer {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly changes: CommittedChanges,
    private readonly deletion: ProfileDeletion,
    private readonly relay: OutboxRelay,
    private readonly cleanup: UploadCleanup,
  ) {}

  @EventPattern<EventType>('UserRegistered')
  async createProfile(@Payload() event: ReceivedEvent<'UserRegistered'>, @Ctx() context: EventContext): Promise<void> {
    await this.profiles.createOnce(context.manager, event.payload);
    context.afterCommit(() => this.changes.add(event.payload.userId));
  }

  @EventPattern<EventType>('UserDeleted')
  async deleteUser(@Payload() { payload }: ReceivedEvent<'UserDeleted'>, @Ctx() context: EventContext): Promise<void> {
    await this.deletion.deleteUser(context.manager, payload.userId, payload.deletedAt);
    context.afterCommit(() => this.relay.wake());
    context.afterCommit(() => this.cleanup.wake());
  }
}
