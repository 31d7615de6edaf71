import type { MediaAsset, UploadTicket } from '@chat/shared/contracts';
import { greyPng } from '@chat/testkit/png';
import { readdir } from 'node:fs/promises';
import type { Chat } from './chat.js';
import type { Answer, TestUser } from './test-user.js';

/** Where clients find files at the gateway; the service has the rest of the path. */
const PUBLIC_FILES = 'http://localhost:3000/files/chat';

/** The steps of an upload against a running service, and the reading of files, without the gateway. */
export class TestFiles {
  constructor(private readonly chat: Chat) {}

  ticket(user: TestUser, content: Uint8Array, changes: Record<string, unknown> = {}): Promise<UploadTicket> {
    const upload = { purpose: 'MESSAGE_ATTACHMENT', kind: 'IMAGE', fileName: 'cat.png', mimeType: 'image/png', sizeBytes: content.length };
    return user.must('POST', '/files/uploads', { ...upload, ...changes });
  }

  async send({ url, headers }: UploadTicket, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await fetch(this.chat.service.url + '/files' + url.slice(PUBLIC_FILES.length), {
      method: 'PUT',
      headers,
      body: content,
    });
    if (response.status !== 204) throw new Error(`the file was refused: ${await response.text()}`);
  }

  /** All three steps. */
  async upload(user: TestUser, { width = 20, height = 10, ...changes }: Record<string, any> = {}): Promise<MediaAsset> {
    const content = new Uint8Array(greyPng(width, height));
    const ticket = await this.ticket(user, content, changes);
    await this.send(ticket, content);
    return user.must('POST', `/files/uploads/${ticket.uploadId}/complete`);
  }

  async uploads(user: TestUser, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await this.upload(user)).id);
    return ids;
  }

  /** The status with which the user reads the file. */
  async read(user: TestUser, fileId: string, variant = 'original'): Promise<number> {
    const headers = { authorization: `Bearer ${user.token}` };
    const response = await fetch(`${this.chat.service.url}/files/${fileId}/${variant}`, { headers });
    await response.arrayBuffer();
    return response.status;
  }

  /** The number of files of these uploads in the storage. Of an image there are four: with the thumbnails. */
  async count(uploadIds: string[]): Promise<number> {
    const entries = await readdir(this.chat.directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
    return files.filter((file) => uploadIds.some((id) => file.includes(id))).length;
  }

  async states(uploadIds: string[]): Promise<string[]> {
    const rows = await this.chat.rows<{ state: string }>(
      'select state from uploads where id = any ($1) order by array_position($1::uuid[], id)',
      [uploadIds],
    );
    return rows.map(({ state }) => state);
  }
}

export type { Answer };
