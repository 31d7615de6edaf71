import type { AuthenticatedUser } from '@chat/shared/auth';
import type { MediaAsset, Profile } from '@chat/shared/contracts';
import { Assets } from '@chat/shared/uploads';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ContactsService } from '../contacts/contacts.service.js';
import type { ProfileEntity } from './profile.entity.js';
import { profileVisibleTo, type Audience } from './profile-rules.js';

/** Profiles as a user may see them. A private profile is visible to its owner and to users that share a conversation with the owner. */
@Injectable()
export class ProfileViews {
  constructor(
    private readonly dataSource: DataSource,
    private readonly contacts: ContactsService,
    private readonly assets: Assets,
  ) {}

  /** The profile as its owner sees it. */
  async ownView(profile: ProfileEntity): Promise<Profile> {
    return profileVisibleTo('owner', profile, await this.#imagesOf([profile]));
  }

  /** In the order of the profiles, each with the fields that the user may see. */
  async visibleTo(user: AuthenticatedUser, profiles: ProfileEntity[]): Promise<Profile[]> {
    const audienceOf = await this.#audiences(user, profiles);
    const images = await this.#imagesOf(profiles);
    return profiles.map((profile) => profileVisibleTo(audienceOf(profile), profile, images));
  }

  /** As a user sees them that has nothing to do with the owners. */
  async publicViews(profiles: ProfileEntity[]): Promise<Profile[]> {
    const images = await this.#imagesOf(profiles.filter(({ isPublic }) => isPublic));
    return profiles.map((profile) => profileVisibleTo('stranger', profile, images));
  }

  /** Only the profiles of which the user may see the names, with the fields that the user may see. */
  async namesVisibleTo(user: AuthenticatedUser, profiles: ProfileEntity[]): Promise<Profile[]> {
    const audienceOf = await this.#audiences(user, profiles);
    const visible = profiles.filter((profile) => profile.isPublic || audienceOf(profile) !== 'stranger');
    const images = await this.#imagesOf(visible);
    return visible.map((profile) => profileVisibleTo(audienceOf(profile), profile, images));
  }

  async #audiences(user: AuthenticatedUser, profiles: ProfileEntity[]): Promise<(profile: ProfileEntity) => Audience> {
    const foreign = profiles.filter((profile) => !profile.isPublic && profile.userId !== user.userId);
    const contacts = await this.contacts.filterContacts(
      user.userId,
      foreign.map((profile) => profile.userId),
    );
    return ({ userId }) => (userId === user.userId ? 'owner' : contacts.has(userId) ? 'contact' : 'stranger');
  }

  #imagesOf(profiles: ProfileEntity[]): Promise<Map<string, MediaAsset>> {
    const ids = profiles.flatMap(({ pictureId, coverImageId }) => [pictureId, coverImageId]);
    return this.assets.find(
      this.dataSource,
      ids.filter((id) => id !== null),
    );
  }
}
