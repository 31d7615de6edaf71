import type { AuthenticatedUser } from '@chat/shared/auth';
import type { Profile, SearchProfilesRequest } from '@chat/shared/contracts';
import { isSearchable } from '@chat/shared/search';
import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { searchPrefix, searchTerms } from '../search/search-terms.js';
import { UserFinder } from '../search/user-finder.js';
import { ProfileEntity } from './profile.entity.js';
import { ProfileViews } from './profile-views.service.js';
import { emptySearch } from './profiles.errors.js';

@Injectable()
export class ProfileSearchService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly finder: UserFinder,
    private readonly views: ProfileViews,
  ) {}

  /**
   * Users of which the user name or a name begins with the query, then those of which a later word does; each group in the order of the names. Only
   * profiles of which the current user may see the names; without users of which one has blocked the other. BAD_USER_INPUT if nothing of the
   * query is visible. What is found is compared with the profile as it is now, so a name or a profile that was just hidden is not found.
   */
  async search(user: AuthenticatedUser, { query, limit = 20 }: SearchProfilesRequest): Promise<Profile[]> {
    const prefix = searchPrefix(query);
    if (!isSearchable(prefix)) throw emptySearch();
    const userIds = await this.finder.find(user.userId, prefix, limit);
    if (userIds.length === 0) return [];
    const profiles = await this.dataSource.getRepository(ProfileEntity).findBy({ userId: In(userIds) });
    const current = profiles.filter((profile) => searchTerms(profile).some(({ term }) => term.startsWith(prefix)));
    const views = new Map((await this.views.namesVisibleTo(user, current)).map((view) => [view.userId, view]));
    return userIds.map((userId) => views.get(userId)).filter((view) => view !== undefined);
  }
}
