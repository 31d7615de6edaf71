import type { MediaAsset, UploadTicket } from '@chat/shared/contracts';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { Answer, TestProfileService } from './profile-service.js';

/** Where clients find files at the gateway; the service has the rest of the path. */
const PUBLIC_FILES = 'http://localhost:3000/files/profiles';

/** An image that the test made. */
export function image(width = 64, height = 48, background = '#3366cc'): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** The steps of an upload against a running service, without the gateway. */
export class TestUploads {
  constructor(private readonly profiles: TestProfileService) {}

  /** The address of the same file at the service. */
  local(url: string): string {
    if (!url.startsWith(PUBLIC_FILES)) throw new Error(`not a URL of a file: ${url}`);
    return `${this.profiles.service.url}/files${url.slice(PUBLIC_FILES.length)}`;
  }

  begin(userId: string, content: { length: number }, changes: Record<string, unknown> = {}): Promise<Answer> {
    const upload = { purpose: 'PROFILE_PICTURE', kind: 'IMAGE', fileName: 'me.png', mimeType: 'image/png', sizeBytes: content.length };
    return this.profiles.ask(userId, 'POST', '/files/uploads', { ...upload, ...changes });
  }

  async ticket(userId: string, content: { length: number }, changes: Record<string, unknown> = {}): Promise<UploadTicket> {
    const { status, body } = await this.begin(userId, content, changes);
    if (status !== 201) throw new Error(`POST /files/uploads answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async send({ url, headers }: UploadTicket, content: Buffer | ReadableStream): Promise<Answer> {
    const body = content instanceof Buffer ? new Uint8Array(content) : content;
    const response = await fetch(this.local(url), { method: 'PUT', headers, body, duplex: 'half' } as RequestInit);
    return { status: response.status, body: await response.json().catch(() => null) };
  }

  complete(userId: string, { uploadId }: { uploadId: string }): Promise<Answer> {
    return this.profiles.ask(userId, 'POST', `/files/uploads/${uploadId}/complete`);
  }

  /** All three steps. */
  async upload(userId: string, content: Buffer, changes: Record<string, unknown> = {}): Promise<MediaAsset> {
    const ticket = await this.ticket(userId, content, changes);
    await this.send(ticket, content);
    const { status, body } = await this.complete(userId, ticket);
    if (status !== 200) throw new Error(`the upload was not completed: ${JSON.stringify(body)}`);
    return body;
  }

  read(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    return fetch(this.local(url), { headers, method });
  }

  /** A form with a file, as a browser sends it. */
  async sendForm(userId: string, path: string, content: Buffer, name = 'me.png', type = 'image/png'): Promise<Answer> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(content)], { type }), name);
    const headers = { authorization: `Bearer ${await this.profiles.auth.issue({ userId })}` };
    const response = await fetch(this.profiles.service.url + path, { method: 'POST', headers, body: form });
    return { status: response.status, body: await response.json().catch(() => null) };
  }

  /** The number of files of a user in the storage. Of a picture there are four: with the thumbnails. */
  async countFiles(userId: string): Promise<number> {
    return (await this.#files()).filter((file) => file.includes(userId)).length;
  }

  /** The number of files that are being received, or were not removed after that. */
  async countUnfinished(): Promise<number> {
    return (await this.#files()).filter((file) => file.includes('unfinished')).length;
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.profiles.directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  }
}
