import type { AuthenticatedUser } from '@chat/shared/auth';
import type { Profile } from '@chat/shared/contracts';
import { appendToOutbox } from '@chat/shared/outbox';
import { Assets, FormUploads, UploadCleanup } from '@chat/shared/uploads';
import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { DataSource, type EntityManager } from 'typeorm';
import { CommittedChanges } from './committed-changes.js';
import { ProfileEntity } from './profile.entity.js';
import { changeTime } from './profile-rules.js';
import { ProfileViews } from './profile-views.service.js';
import { profileUpdated } from './profiles.events.js';
import { lockProfile, ProfilesService } from './profiles.service.js';

/** The two images of a profile. */
const IMAGES = {
  picture: { column: 'pictureId', purpose: 'PROFILE_PICTURE', change: 'PICTURE_CHANGED' },
  cover: { column: 'coverImageId', purpose: 'COVER_IMAGE', change: 'COVER_CHANGED' },
} as const;
export type ProfileImage = keyof typeof IMAGES;

/** Sets and removes the images of the current user. The image before is deleted after the commit; that never fails the request. */
@Injectable()
export class ProfileImagesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly profiles: ProfilesService,
    private readonly views: ProfileViews,
    private readonly assets: Assets,
    private readonly forms: FormUploads,
    private readonly cleanup: UploadCleanup,
    private readonly changes: CommittedChanges,
  ) {}

  /** Uses a completed upload of the current user. Repeating it changes nothing. */
  async set(user: AuthenticatedUser, image: ProfileImage, mediaId: string): Promise<Profile> {
    const { column, purpose } = IMAGES[image];
    return this.change(user, image, async (manager, profile) => {
      if (profile[column] === mediaId) return mediaId;
      await this.assets.attach(manager, user.userId, mediaId, purpose);
      return mediaId;
    });
  }

  /** The upload and its use in one request: a form with one file. */
  async upload(user: AuthenticatedUser, image: ProfileImage, request: IncomingMessage): Promise<Profile> {
    const { id } = await this.forms.store(user.userId, { purpose: IMAGES[image].purpose, kind: 'IMAGE' }, request);
    return this.set(user, image, id);
  }

  /** Repeating it changes nothing. */
  remove(user: AuthenticatedUser, image: ProfileImage): Promise<Profile> {
    return this.change(user, image, async () => null);
  }

  /** Locks the row first, so that concurrent changes and their events have one order. */
  private async change(
    user: AuthenticatedUser,
    image: ProfileImage,
    attach: (manager: EntityManager, profile: ProfileEntity) => Promise<string | null>,
  ): Promise<Profile> {
    const { column, change } = IMAGES[image];
    await this.profiles.findOrCreate(user.userId, user);
    const { profile, isChanged } = await this.dataSource.transaction(async (manager) => {
      const profile = await lockProfile(manager, user.userId);
      const before = profile[column];
      const after = await attach(manager, profile);
      if (after === before) return { profile, isChanged: false };
      if (before !== null) await this.assets.release(manager, [before]);
      Object.assign(profile, { [column]: after, updatedAt: changeTime(profile) });
      await manager.update(ProfileEntity, { id: profile.id }, { [column]: after, updatedAt: profile.updatedAt });
      await appendToOutbox(manager, profileUpdated(profile, change));
      return { profile, isChanged: true };
    });
    if (isChanged) this.changes.add(user.userId);
    this.cleanup.wake();
    return this.views.ownView(profile);
  }
}
