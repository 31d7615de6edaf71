import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ProfilesResolver } from './profiles.resolver.js';

/** Profiles. profile-service has the rules. */
@Module({ imports: [ClientsModule], providers: [ProfilesResolver] })
export class ProfilesModule {}
