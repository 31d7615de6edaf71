import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
/** As AWS encodes: all but unreserved characters. */
const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The signature of a text (AWS Signature Version 4); `scope` is `date/region/service/aws4_request`. */
export function signatureOf(text: string, scope: string, secretAccessKey: string): string {
  const key = scope.split('/').reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

/** Whether the request is signed, in its headers or in its URL, and not expired. */
export function isSigned(request: IncomingMessage, body: Buffer, credentials: AwsCredentials): boolean {
  const url = new URL(request.url!, 'http://host');
  const query = url.searchParams;
  const authorization = request.headers.authorization;
  const inUrl = authorization === undefined;
  const parts = inUrl
    ? { credential: query.get('X-Amz-Credential'), headers: query.get('X-Amz-SignedHeaders'), signature: query.get('X-Amz-Signature') }
    : partsOf(authorization);
  const { credential, headers: signedHeaders, signature } = parts;
  if (!credential || !signedHeaders || !signature) return false;
  const [accessKeyId, ...scopeParts] = credential.split('/');
  const scope = scopeParts.join('/');
  const time = (inUrl ? query.get('X-Amz-Date') : request.headers['x-amz-date']) as string;
  const payload = inUrl ? 'UNSIGNED-PAYLOAD' : (request.headers['x-amz-content-sha256'] as string);
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== sha256(body)) return false;
  const canonical = [
    request.method,
    url.pathname,
    [...query]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .toSorted()
      .join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signedHeaders,
    payload,
  ].join('\n');
  const expected = signatureOf(['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n'), scope, credentials.secretAccessKey);
  const ageSeconds = (Date.now() - timeOf(time)) / 1000;
  const validSeconds = inUrl ? Number(query.get('X-Amz-Expires')) : 15 * 60;
  return accessKeyId === credentials.accessKeyId && signature === expected && ageSeconds <= validSeconds;
}

function partsOf(authorization: string) {
  const part = (name: string) => new RegExp(`${name}=([^, ]+)`).exec(authorization)?.[1] ?? null;
  return { credential: part('Credential'), headers: part('SignedHeaders'), signature: part('Signature') };
}

/** `20261201T093000Z` in milliseconds. */
function timeOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
