import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isFromCloudinary, notifiedUpload } from './cloudinary-notifications.js';

const SECRET = 'secret of the account';
const NOW = Date.UTC(2026, 0, 1);
const BODY = Buffer.from('{"notification_type":"upload","é":1}');
const signed = (secondsAgo: number, algorithm = 'sha1', body = BODY, secret = SECRET) => {
  const timestamp = String(NOW / 1000 - secondsAgo);
  return { timestamp, signature: createHash(algorithm).update(`${body.toString()}${timestamp}${secret}`).digest('hex') };
};

describe('a notification of Cloudinary', () => {
  it.each(['sha1', 'sha256'])('is accepted with a signature by %s, for two hours', (algorithm) => {
    for (const age of [0, 7200, -300]) expect(isFromCloudinary(BODY, signed(age, algorithm), SECRET, NOW)).toBe(true);
    for (const age of [7201, -301]) expect(isFromCloudinary(BODY, signed(age, algorithm), SECRET, NOW)).toBe(false);
  });

  it('is refused with another body, time or secret, or without a signature', () => {
    const headers = signed(0);
    expect(isFromCloudinary(Buffer.from(`${BODY.toString()} `), headers, SECRET, NOW)).toBe(false);
    expect(isFromCloudinary(BODY, { ...headers, timestamp: String(NOW / 1000 - 1) }, SECRET, NOW)).toBe(false);
    expect(isFromCloudinary(BODY, signed(0, 'sha1', BODY, 'other'), SECRET, NOW)).toBe(false);
    for (const signature of [
      '',
      'x'.repeat(40),
      headers.signature.toUpperCase(),
      createHash('md5').update('').digest('hex'),
      '0'.repeat(40),
    ])
      expect(isFromCloudinary(BODY, { ...headers, signature }, SECRET, NOW)).toBe(false);
    for (const timestamp of ['', 'NaN', '-1', '1e9', 'Infinity', '9'.repeat(400)])
      expect(isFromCloudinary(BODY, { ...headers, timestamp }, SECRET, NOW)).toBe(false);
  });

  it('tells of an upload of an authenticated file, or of nothing', () => {
    const upload = { notification_type: 'upload', public_id: 'a/b', resource_type: 'video', type: 'authenticated', bytes: 7 };
    const read = (text: string) => notifiedUpload(Buffer.from(text));
    expect(read(JSON.stringify(upload))).toEqual({ publicId: 'a/b', resourceType: 'video', bytes: 7 });
    for (const other of [{ notification_type: 'delete' }, { type: 'upload' }, { public_id: ['a'] }, { bytes: '7' }, { resource_type: 'x' }])
      expect(read(JSON.stringify({ ...upload, ...other }))).toBeNull();
    for (const text of ['', 'null', '[]', '{', '"text"']) expect(read(text)).toBeNull();
  });
});
