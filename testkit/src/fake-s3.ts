import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf, multipartOf, sendFile } from './http-bodies.ts';
import { HttpFaults } from './http-faults.ts';
import { type AwsCredentials, isSigned, signatureOf } from './sigv4.ts';

export const S3_CREDENTIALS: AwsCredentials = { accessKeyId: 'key-of-the-tests', secretAccessKey: 'secret-of-the-s3-of-the-tests' };
export const S3_BUCKET = 'files';

/** A condition of the policy of a POST: an exact value, a comparison, or a range of sizes. */
type Condition = Record<string, string> | [operator: string, name: string, value: string] | ['content-length-range', number, number];

/** S3 with one bucket, addressed by path. It verifies every signature (version 4), in headers, URLs and the policies of POST, and their conditions. */
export class FakeS3 {
  readonly url: string;
  /** By key. */
  readonly files = new Map<string, Buffer>();
  readonly faults = new HttpFaults();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<FakeS3> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeS3(server);
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
    const [, bucket, ...rest] = new URL(request.url!, this.url).pathname.split('/').map(decodeURIComponent);
    if (bucket !== S3_BUCKET) return fail(response, 404, 'NoSuchBucket');
    const key = rest.join('/');
    if (request.method === 'POST') return this.#storeForm(request, response);
    const body = await bodyOf(request);
    if (!isSigned(request, body, S3_CREDENTIALS)) return fail(response, 403, 'SignatureDoesNotMatch');
    if (key === '') return void response.writeHead(200).end();
    if (request.method === 'PUT') return this.#store(key, request, response, body);
    if (request.method === 'DELETE') {
      this.files.delete(key);
      return void response.writeHead(204).end();
    }
    const content = this.files.get(key);
    if (!content) return fail(response, 404, 'NoSuchKey');
    sendFile(request, response, content);
  }

  #store(key: string, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const source = request.headers['x-amz-copy-source'];
    if (typeof source !== 'string') {
      this.files.set(key, body);
      return void response.writeHead(200).end();
    }
    const copied = this.files.get(decodeURIComponent(source).replace(`${S3_BUCKET}/`, ''));
    if (!copied) return fail(response, 404, 'NoSuchKey');
    this.files.set(key, copied);
    response.writeHead(200).end('<CopyObjectResult><ETag>"1"</ETag></CopyObjectResult>');
  }

  async #storeForm(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { fields, file } = await multipartOf(request);
    const scope = (fields['X-Amz-Credential'] ?? '').split('/').slice(1).join('/');
    const signature = signatureOf(fields.Policy ?? '', scope, S3_CREDENTIALS.secretAccessKey);
    if (signature !== fields['X-Amz-Signature']) return fail(response, 403, 'SignatureDoesNotMatch');
    const policy = JSON.parse(Buffer.from(fields.Policy!, 'base64').toString()) as { expiration: string; conditions: Condition[] };
    if (Date.parse(policy.expiration) <= Date.now()) return fail(response, 403, 'AccessDenied');
    const size = file?.length ?? 0;
    if (!policy.conditions.every((condition) => isMet(condition, fields, size))) return fail(response, 403, 'AccessDenied');
    this.files.set(fields.key!, file ?? Buffer.alloc(0));
    response.writeHead(204).end();
  }
}

function isMet(condition: Condition, fields: Record<string, string>, size: number): boolean {
  if (!Array.isArray(condition)) return Object.entries(condition).every(([name, value]) => name === 'bucket' || fields[name] === value);
  const [operator, first, second] = condition;
  if (operator === 'content-length-range') return size >= Number(first) && size <= Number(second);
  return operator === 'eq' && fields[String(first).slice(1)] === second;
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
