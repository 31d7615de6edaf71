// Sends a file of this many bytes to each URL at once, the same bytes again and again: upload-clients.fixture.mjs SIZE URL…; prints the statuses.
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const [size, ...urls] = process.argv.slice(2);
const chunk = Buffer.alloc(64 * 1024);

async function send(url) {
  const put = request(url, { method: 'PUT', headers: { 'content-type': 'application/octet-stream', 'content-length': size } });
  const { promise: status, resolve, reject } = Promise.withResolvers();
  put.once('response', (response) => resolve(response.resume().statusCode));
  put.once('error', reject);
  await pipeline(Readable.from(Array.from({ length: Number(size) / chunk.length }, () => chunk)), put);
  return status;
}

console.log(JSON.stringify(await Promise.all(urls.map(send))));
