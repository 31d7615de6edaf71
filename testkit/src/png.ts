import { crc32, deflateSync } from 'node:zlib';

/** A complete PNG of one shade of grey, whatever its size: with one bit for each pixel (black), a small file can have very many. */
export function greyPng(width: number, height: number, bits: 1 | 8 = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(bits, 8);
  const row = Buffer.alloc(1 + Math.ceil((width * bits) / 8), bits === 8 ? 128 : 0);
  // The filter of the row: none.
  row[0] = 0;
  const rows = deflateSync(Buffer.alloc(row.length * height, row), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
