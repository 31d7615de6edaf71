import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendNotification } from './cloudinary-notification.ts';
import { multipartOf, sendFile } from './http-bodies.ts';
import { HttpFaults } from './http-faults.ts';

export const CLOUDINARY_ACCOUNT = {
  cloudName: 'cloud-of-the-tests',
  apiKey: '123456789012345',
  apiSecret: 'secret-of-the-cloudinary-of-the-tests',
};
/** Cloudinary signs all parameters but these. */
const UNSIGNED = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature']);
const SIGNATURE_SECONDS = 3600;

interface Outcome {
  status: number;
  body: unknown;
}

const failure = (status: number, message: string): Outcome => ({ status, body: { error: { message } } });

/**
 * Cloudinary, as far as its Upload API and its delivery need it. It checks what Cloudinary documents: the signature over all parameters
 * but `file` and a few, its age, the allowed formats, and signatures of URLs that deliver an authenticated file.
 */
export class FakeCloudinary {
  readonly url: string;
  /** By `resource type/public id`. */
  readonly files = new Map<string, Buffer>();
  /** The parameters of every call, with the action. */
  readonly calls: Record<string, string>[] = [];
  /** The status of the answer to each notification of an upload; 0: none. */
  readonly notified: number[] = [];
  readonly faults = new HttpFaults();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<FakeCloudinary> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeCloudinary(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // A connection that breaks off in the middle of an upload.
      void fake.#answer(request, response).catch(() => response.destroy());
    });
    return fake;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.faults.apply(request, response)) return;
    const path = new URL(request.url!, this.url).pathname.slice(1).split('/').map(decodeURIComponent);
    if (request.method !== 'POST') return this.#deliver(path, request, response);
    const { fields, file } = await multipartOf(request);
    const { status, body } = this.#call(path, fields, file);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const [, , resource_type, action] = path;
    if (status !== 200 || action !== 'upload' || !fields.notification_url) return;
    const { public_id, type } = fields;
    const upload = { notification_type: 'upload', public_id, resource_type, type, bytes: file!.length };
    this.notified.push(await this.notify(fields.notification_url, upload).catch(() => 0));
  }

  /** Sends a signed notification. Returns the status of the answer. */
  notify(url: string, notification: Record<string, unknown>, ageSeconds = 0): Promise<number> {
    return sendNotification(url, notification, CLOUDINARY_ACCOUNT.apiSecret, ageSeconds);
  }

  #call([version, cloudName, resourceType = '', action = '']: string[], fields: Record<string, string>, file: Buffer | null): Outcome {
    if (version !== 'v1_1' || cloudName !== CLOUDINARY_ACCOUNT.cloudName) return failure(404, 'unknown cloud');
    const refused = refusalOf(fields);
    if (refused) return refused;
    this.calls.push({ action, ...fields });
    if (fields.type !== 'authenticated') return failure(400, 'the tests keep authenticated files only');
    const id = `${resourceType}/${fields.public_id ?? fields.from_public_id}`;
    const found = this.files.get(id);
    if (action === 'upload') return this.#store(id, fields, file);
    if (action === 'destroy') return { status: 200, body: { result: this.files.delete(id) ? 'ok' : 'not found' } };
    if (!found) return failure(404, `Resource not found - ${fields.public_id}`);
    if (action === 'rename') {
      this.files.delete(id);
      this.files.set(`${resourceType}/${fields.to_public_id}`, found);
    }
    return { status: 200, body: { public_id: fields.public_id, bytes: found.length } };
  }

  #store(id: string, { allowed_formats, overwrite, public_id }: Record<string, string>, file: Buffer | null): Outcome {
    if (!file) return failure(400, 'Missing required parameter - file');
    const format = formatOf(file);
    if (allowed_formats !== undefined && !allowed_formats.split(',').includes(format))
      return failure(400, `Image file format ${format} not allowed`);
    const existing = overwrite === 'false' ? this.files.get(id) : undefined;
    if (!existing) this.files.set(id, file);
    return { status: 200, body: { public_id, bytes: (existing ?? file).length, existing: existing !== undefined } };
  }

  /** `/<cloud>/<resource type>/authenticated/s--<signature>--/v<version>/<public id>` */
  #deliver(
    [cloudName, resourceType, type, signature, version, ...rest]: string[],
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const publicId = rest.join('/');
    const expected = createHash('sha256')
      .update(publicId + CLOUDINARY_ACCOUNT.apiSecret)
      .digest('base64url')
      .slice(0, 32);
    const isSigned = type === 'authenticated' && signature === `s--${expected}--` && /^v\d+$/.test(version ?? '');
    if (cloudName !== CLOUDINARY_ACCOUNT.cloudName || !isSigned) return void response.writeHead(401).end();
    const content = this.files.get(`${resourceType}/${publicId}`);
    if (!content) return void response.writeHead(404).end();
    sendFile(request, response, content);
  }
}

function refusalOf(fields: Record<string, string>): Outcome | null {
  const signed = Object.entries(fields).filter(([name]) => !UNSIGNED.has(name));
  const text = signed
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const expected = createHash('sha1')
    .update(text + CLOUDINARY_ACCOUNT.apiSecret)
    .digest('hex');
  if (fields.api_key !== CLOUDINARY_ACCOUNT.apiKey) return failure(401, 'Invalid api_key');
  if (fields.signature !== expected) return failure(401, `Invalid Signature. String to sign - '${text}'.`);
  const ageSeconds = Date.now() / 1000 - Number(fields.timestamp);
  if (!(ageSeconds <= SIGNATURE_SECONDS)) return failure(400, 'Stale request');
  return null;
}

function formatOf(file: Buffer): string {
  const start = file.toString('latin1', 0, 16);
  if (start.startsWith('\x89PNG')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpg';
  if (start.startsWith('GIF8')) return 'gif';
  if (start.startsWith('<svg')) return 'svg';
  return 'unknown';
}
