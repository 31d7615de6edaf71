import { AccountResolver } from './account/account.resolver.js';
import { MailResolver } from './account/mail.resolver.js';
import { OAuthResolver } from './account/oauth.resolver.js';
import { PasswordResolver } from './account/password.resolver.js';
import { SessionsResolver } from './account/sessions.resolver.js';
import { TotpResolver } from './account/totp.resolver.js';
import { ConversationMembersResolver } from './chat/conversation-members.resolver.js';
import { ConversationsResolver } from './chat/conversations.resolver.js';
import { MessagesResolver } from './chat/messages.resolver.js';
import { EventsResolver } from './streams/events.resolver.js';
import { HelloResolver } from './graphql/hello.resolver.js';
import { NotificationsResolver } from './notifications/notifications.resolver.js';
import { PresenceResolver } from './presence/presence.resolver.js';
import { ProfilesResolver } from './profiles/profiles.resolver.js';

/** Everything that answers GraphQL. */
export const RESOLVERS = [
  HelloResolver,
  AccountResolver,
  PasswordResolver,
  MailResolver,
  SessionsResolver,
  OAuthResolver,
  TotpResolver,
  ProfilesResolver,
  ConversationsResolver,
  ConversationMembersResolver,
  MessagesResolver,
  PresenceResolver,
  NotificationsResolver,
  EventsResolver,
];
