import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { EventsResolver } from './events.resolver.js';
import { EventSubscriptions } from './subscriptions.js';

/** The resumable event stream. */
@Module({ imports: [ClientsModule], providers: [EventSubscriptions, EventsResolver] })
export class StreamsModule {}
