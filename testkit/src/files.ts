import { greyPng } from './png.ts';
import type { TestUser } from './user.ts';

const CREATE = /* GraphQL */ `
  mutation Create($input: CreateUploadInput!) {
    createUpload(input: $input) {
      uploadId
      url
      method
      headers
    }
  }
`;

const COMPLETE = /* GraphQL */ `
  mutation Complete($uploadId: ID!) {
    completeUpload(uploadId: $uploadId) {
      id
      url
    }
  }
`;

/** Uploads an image through the gateway. Returns the completed upload. */
export async function uploadImage(
  user: TestUser,
  purpose: string,
  { width = 20, height = 10, fileName = 'cat.png' } = {},
): Promise<{ id: string; url: string }> {
  const content = new Uint8Array(greyPng(width, height));
  const input = { purpose, kind: 'IMAGE', fileName, mimeType: 'image/png', sizeBytes: content.length };
  const { createUpload: ticket } = await user.mustAsk(CREATE, { input });
  const response = await fetch(ticket.url, { method: ticket.method, headers: ticket.headers, body: content });
  if (!response.ok) throw new Error(`the file was refused: ${response.status} ${await response.text()}`);
  return (await user.mustAsk(COMPLETE, { uploadId: ticket.uploadId })).completeUpload;
}
