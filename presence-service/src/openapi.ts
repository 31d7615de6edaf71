import { openApiDocument } from '@chat/shared/bootstrap';
import { PresenceController } from './presence/presence.controller.js';

export const OPEN_API = { title: 'presence-service', description: 'The presence of users, and when they were last seen' };

export const buildOpenApi = () => openApiDocument(OPEN_API, [PresenceController]);
