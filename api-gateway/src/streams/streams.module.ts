import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { EventsResolver } from './events.resolver.js';
import { FeedStreams } from './feed-streams.js';

/** The resumable event stream. */
@Module({ imports: [ClientsModule], providers: [FeedStreams, EventsResolver] })
export class StreamsModule {}
