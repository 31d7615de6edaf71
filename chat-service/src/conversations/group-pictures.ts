import { Assets, UploadCleanup } from '@chat/shared/uploads';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** The pictures of groups: uploads for GROUP_PICTURE. Each change is part of the transaction of the calling code. */
@Injectable()
export class GroupPictures {
  constructor(
    private readonly assets: Assets,
    private readonly cleanup: UploadCleanup,
  ) {}

  /**
   * Makes a completed upload of the user the picture of a group; null: the group has none any more. The one before is released. Throws, as the
   * calling code then changes nothing, if the user has no such upload that is not used yet.
   */
  async change(
    manager: EntityManager,
    group: { id: string; pictureId: string | null },
    userId: string,
    pictureId: string | null,
  ): Promise<void> {
    if (pictureId !== null) {
      await this.assets.attach(manager, userId, pictureId, 'GROUP_PICTURE');
      await manager.query('insert into attachments (upload_id, conversation_id) values ($1, $2)', [pictureId, group.id]);
    }
    await manager.query('update conversations set picture_id = $2 where id = $1', [group.id, pictureId]);
    if (group.pictureId === null) return;
    await manager.query('delete from attachments where upload_id = $1', [group.pictureId]);
    await this.assets.release(manager, [group.pictureId]);
  }

  /** After the commit: deletes the files that were released. */
  deleteReleased(): void {
    this.cleanup.wake();
  }
}
