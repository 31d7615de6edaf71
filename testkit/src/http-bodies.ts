import type { IncomingMessage, ServerResponse } from 'node:http';

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The fields of a multipart body, in order; the file is the field `file`. */
export async function multipartOf(request: IncomingMessage): Promise<{ fields: Record<string, string>; file: Buffer | null }> {
  const body = await bodyOf(request);
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(body, { headers }).formData();
  const fields: Record<string, string> = {};
  let file: Buffer | null = null;
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else file = Buffer.from(await value.arrayBuffer());
  }
  return { fields, file };
}

/** Answers with a file, or with the range of it that the request wants. */
export function sendFile(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) {
    response.writeHead(200, { 'content-length': content.length }).end(request.method === 'HEAD' ? undefined : content);
    return;
  }
  const part = content.subarray(Number(start), end ? Number(end) + 1 : undefined);
  const range = `bytes ${start}-${Number(start) + part.length - 1}/${content.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': part.length }).end(part);
}
