import { recordDeletedUser } from '@chat/shared/consumer';
import { appendToOutbox } from '@chat/shared/outbox';
import { Assets } from '@chat/shared/uploads';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BlocksService } from '../blocks/blocks.service.js';
import { ContactsService } from '../contacts/contacts.service.js';
import { ProfileEntity } from './profile.entity.js';
import { profileDeleted } from './profiles.events.js';

@Injectable()
export class ProfileDeletion {
  constructor(
    private readonly contacts: ContactsService,
    private readonly blocks: BlocksService,
    private readonly assets: Assets,
  ) {}

  /** Deletes all rows of a user that deleted the account; the terms of the search are deleted with the profile. */
  async deleteUser(manager: EntityManager, userId: string, deletedAt: string): Promise<void> {
    await recordDeletedUser(manager, userId, deletedAt);
    const { affected } = await manager.delete(ProfileEntity, { userId });
    await this.contacts.deleteUser(manager, userId);
    await this.blocks.deleteUser(manager, userId);
    await this.assets.releaseAllOf(manager, userId);
    if (affected) await appendToOutbox(manager, profileDeleted(userId, deletedAt));
  }
}
