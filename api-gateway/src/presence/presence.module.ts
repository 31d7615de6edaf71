import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { PresenceSubscriptions } from './presence-subscriptions.js';
import { PresenceResolver } from './presence.resolver.js';

/** The presence of users. presence-service has the rules. */
@Module({ imports: [ClientsModule], providers: [PresenceSubscriptions, PresenceResolver] })
export class PresenceModule {}
