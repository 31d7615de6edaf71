import { TestUser } from '@chat/testkit/user';
import { wavFile } from '@chat/testkit/wav';
import { afterAll, expect, it } from 'vitest';
import { gateway } from './kit/gateway.ts';

const client = gateway();
afterAll(() => client.close());

const ATTACHMENTS = 'attachments { id type fileName mimeType durationSeconds waveform url thumbnailUrl }';
const CREATE = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { uploadId url method headers } }`;
const COMPLETE = `mutation ($uploadId: ID!) { completeUpload(uploadId: $uploadId) { id type durationSeconds waveform } }`;
const SEND = `mutation ($input: CreateMessageInput!) { sendMessage(input: $input) { id } }`;
const RECEIVED = `subscription { messageReceived { id ${ATTACHMENTS} } }`;

it('a voice message arrives with its duration and its waveform, live and later, and can be read in parts', async () => {
  const [ann, ben] = [await TestUser.register(client, 'ann'), await TestUser.register(client, 'ben')];
  const stream = ben.subscribe<any>(RECEIVED);
  try {
    const content = new Uint8Array(wavFile(2, (at) => at));
    const input = {
      purpose: 'MESSAGE_ATTACHMENT',
      kind: 'VOICE_MESSAGE',
      fileName: 'voice.wav',
      mimeType: 'audio/wav',
      sizeBytes: content.length,
    };
    const { createUpload: ticket } = await ann.mustAsk(CREATE, { input });
    expect((await fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: content })).status).toBe(204);
    const { completeUpload: asset } = await ann.mustAsk(COMPLETE, { uploadId: ticket.uploadId });
    expect(asset).toMatchObject({ type: 'VOICE_MESSAGE', durationSeconds: 2 });
    expect(asset.waveform).toHaveLength(64);

    const { sendMessage: sent } = await ann.mustAsk(SEND, { input: { receiverId: ben.userId, attachmentIds: [asset.id] } });
    const live = await stream.waitFor((message) => message.id === sent.id, 'the message');
    const later = (await ben.mustAsk(`{ getMessage(messageId: "${sent.id}") { ${ATTACHMENTS} } }`)).getMessage;
    for (const { attachments } of [live, later]) {
      expect(attachments).toMatchObject([
        { id: asset.id, mimeType: 'audio/wav', durationSeconds: 2, waveform: asset.waveform, thumbnailUrl: null },
      ]);
    }
    const part = await fetch(later.attachments[0].url, { headers: { range: 'bytes=0-3' } });
    expect([part.status, part.headers.get('content-type'), await part.text()]).toEqual([206, 'audio/wav', 'RIFF']);
  } finally {
    await stream.close();
  }
});
