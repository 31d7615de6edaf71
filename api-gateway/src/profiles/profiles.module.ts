import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ProfileSubscriptions } from './profile-subscriptions.js';
import { ProfilesResolver } from './profiles.resolver.js';

/** Profiles. profile-service has the rules. */
@Module({ imports: [ClientsModule], providers: [ProfileSubscriptions, ProfilesResolver] })
export class ProfilesModule {}
