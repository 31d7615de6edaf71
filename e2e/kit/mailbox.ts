import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inject } from 'vitest';
import { eventually } from '@chat/shared/testing';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the mails; null if the tested system sends them to a mail server. */
    mailDir: string | null;
  }
}

/** True if the tests can read the mails of the tested system. */
export const hasMailbox = (): boolean => inject('mailDir') !== null;

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
  const directory = inject('mailDir')!;
  const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.eml'));
  const mails = await Promise.all(files.map((name) => readFile(path.join(directory, name), 'utf8')));
  return mails.filter((mail) => mail.includes(`To: ${address}\n`));
}
