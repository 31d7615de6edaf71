import { Module } from '@nestjs/common';
import { AuthClient } from './auth.client.js';
import { ChatClient } from './chat.client.js';
import { NotificationClient } from './notification.client.js';
import { OAuthClient } from './oauth.client.js';
import { PresenceClient } from './presence.client.js';
import { ProfileClient } from './profile.client.js';

const CLIENTS = [AuthClient, OAuthClient, ChatClient, ProfileClient, PresenceClient, NotificationClient];

/** One client per service, each with a connection pool of its own. */
@Module({ providers: CLIENTS, exports: CLIENTS })
export class ClientsModule {}
