import { createHash } from 'node:crypto';

/** Tells of something as Cloudinary does: with a signature over the body, the time and the secret of the account. Returns the status of the answer. */
export async function sendNotification(
  url: string,
  notification: Record<string, unknown>,
  apiSecret: string,
  ageSeconds: number,
): Promise<number> {
  const body = JSON.stringify(notification);
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  const signature = createHash('sha1')
    .update(body + timestamp + apiSecret)
    .digest('hex');
  const headers = { 'content-type': 'application/json', 'x-cld-timestamp': timestamp, 'x-cld-signature': signature };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}
