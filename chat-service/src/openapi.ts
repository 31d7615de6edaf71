import { openApiDocument } from '@chat/shared/bootstrap';
import { UploadsController } from '@chat/shared/uploads';
import { BlocksController } from './blocks/blocks.controller.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { GroupsController } from './conversations/groups.controller.js';
import { MutesController } from './conversations/mutes.controller.js';
import { AttachmentsController } from './files/attachments.controller.js';
import { FilesController } from './files/files.controller.js';
import { MessageChangesController } from './messages/message-changes.controller.js';
import { MessagesController } from './messages/messages.controller.js';
import { ReactionsController } from './messages/reactions.controller.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { SearchController } from './search/search.controller.js';
import { TypingController } from './typing/typing.controller.js';

export const OPEN_API = { title: 'chat-service', description: 'Conversations, members, messages, receipts and the search of messages' };

export const buildOpenApi = () =>
  openApiDocument(OPEN_API, [
    AttachmentsController,
    BlocksController,
    ConversationsController,
    FilesController,
    GroupsController,
    MutesController,
    MessageChangesController,
    MessagesController,
    ReactionsController,
    ReceiptsController,
    SearchController,
    TypingController,
    UploadsController,
  ]);
