import { expect, it } from 'vitest';
import { buildOpenApi } from './openapi.js';

it('the API document needs no infrastructure', async () => {
  const document = await buildOpenApi();
  expect(Object.keys(document.paths).sort()).toEqual([
    '/chat/attachments',
    '/chat/blocks',
    '/chat/blocks/{userId}',
    '/chat/conversations',
    '/chat/conversations/bulk',
    '/chat/conversations/members',
    '/chat/conversations/{conversationId}',
    '/chat/conversations/{conversationId}/delivered',
    '/chat/conversations/{conversationId}/for-members',
    '/chat/conversations/{conversationId}/leave',
    '/chat/conversations/{conversationId}/mute',
    '/chat/conversations/{conversationId}/read',
    '/chat/conversations/{conversationId}/typing',
    '/chat/groups',
    '/chat/groups/{conversationId}',
    '/chat/groups/{conversationId}/members',
    '/chat/groups/{conversationId}/members/{userId}',
    '/chat/messages',
    '/chat/messages/bulk',
    '/chat/messages/own-reactions',
    '/chat/messages/receipts',
    '/chat/messages/search',
    '/chat/messages/{messageId}',
    '/chat/messages/{messageId}/reactions',
    '/chat/messages/{messageId}/read',
    '/chat/messages/{messageId}/versions',
    '/chat/receipts/delivered',
    '/files/uploads',
    '/files/uploads/{uploadId}',
    '/files/uploads/{uploadId}/complete',
    '/files/{fileId}/{variant}',
  ]);
  const { requestBody } = document.paths['/chat/messages']!.post!;
  expect(requestBody).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/SendMessageDto' } } } });
  expect(document.components!.schemas!.SendMessageDto).toMatchObject({
    properties: { content: { maxLength: 8000 }, attachmentIds: { maxItems: 10 } },
  });
});
