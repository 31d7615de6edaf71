import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { EventsResolver } from './events.resolver.js';
import { FeedEnd } from './feed-end.js';
import { LiveDecoder } from './live-decoder.js';
import { MessageSubscriptions } from './message-subscriptions.js';
import { EventSubscriptions } from './event-subscriptions.js';

/** The resumable event stream. */
@Module({ imports: [ClientsModule], providers: [FeedEnd, LiveDecoder, EventSubscriptions, MessageSubscriptions, EventsResolver] })
export class StreamsModule {}
