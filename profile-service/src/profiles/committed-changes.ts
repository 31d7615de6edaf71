import { OutboxRelay } from '@chat/shared/outbox';
import { Injectable } from '@nestjs/common';
import { SearchIndexer } from '../search/search-indexer.js';
import { LiveProfiles } from './live-profiles.js';

/** What follows the commit of a change: its event is published, its names are indexed, and clients that watch the user get the profile. */
@Injectable()
export class CommittedChanges {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly indexer: SearchIndexer,
    private readonly live: LiveProfiles,
  ) {}

  add(userId: string): void {
    this.relay.wake();
    this.indexer.wake();
    this.live.changed(userId);
  }
}
