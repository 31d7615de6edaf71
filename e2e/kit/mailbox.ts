import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inject } from 'vitest';
import { eventually } from '@chat/shared/testing';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null: the system that is tested sends its mails elsewhere. */
    mailDir: string | null;
  }
}

/** Whether mails of the system under test can be read here. */
export const hasMailbox = (): boolean => inject('mailDir') !== null;

/** The token of the link to `page` (verify-email, reset-password) in a mail to the address, as soon as it is there. */
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
