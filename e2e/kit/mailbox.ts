import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inject } from 'vitest';
import { eventually } from '@chat/shared/testing';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the mails; null if the tested system sends them to a mail server. */
    mailDir: string | null;
    /** The Mailpit that receives the mails; null if the tested system writes them into a folder. */
    mailpitUrl: string | null;
  }
}

/** True if the tests can read the mails of the tested system. */
export const hasMailbox = (): boolean => (inject('mailDir') ?? inject('mailpitUrl')) !== null;

/** Waits for a mail to the address with a link to `page` (verify-email, reset-password); returns the token of the link. */
export function mailedToken(address: string, page: string): Promise<string> {
  return eventually(async () => {
    for (const mail of await mailsTo(address)) {
      const token = new RegExp(`/${page}#token=([\\w-]+)`).exec(mail)?.[1];
      if (token) return token;
    }
    throw new Error(`no mail with a link to ${page} has come to ${address}`);
  });
}

async function mailsTo(address: string): Promise<string[]> {
  const mailpitUrl = inject('mailpitUrl');
  if (mailpitUrl) return mailsInMailpit(mailpitUrl, address);
  const directory = inject('mailDir')!;
  const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.eml'));
  const mails = await Promise.all(files.map((name) => readFile(path.join(directory, name), 'utf8')));
  return mails.filter((mail) => mail.includes(`To: ${address}\n`));
}

async function mailsInMailpit(url: string, address: string): Promise<string[]> {
  const get = async (path: string) => (await fetch(`${url}/api/v1/${path}`)).json() as Promise<any>;
  const { messages } = await get(`search?query=${encodeURIComponent(`to:"${address}"`)}`);
  return Promise.all(messages.map(async ({ ID }: { ID: string }) => (await get(`message/${ID}`)).Text as string));
}
