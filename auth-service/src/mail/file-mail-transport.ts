import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '@chat/shared/observability';
import { createTransport } from 'nodemailer';
import { type MailMessage, MailTransport, messageOf } from './mail-transport.js';

/**
 * For an installation without a mail server: writes each mail as an .eml file, which every mail program can open. The log names the folder.
 */
export class FileMailTransport extends MailTransport {
  readonly #directory: string;
  readonly #composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });

  constructor(
    directory: string,
    private readonly from: string,
    private readonly logger: Log,
  ) {
    super();
    this.#directory = path.resolve(directory);
    logger.info({ directory: this.#directory }, 'no mail server is configured: mails are written to a folder');
  }

  async send(mail: MailMessage): Promise<void> {
    const { message } = await this.#composer.sendMail(messageOf(mail, this.from));
    // Links in mails give access to accounts, so only the user of the service may read the files.
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = path.join(this.#directory, `${mail.id}.eml`);
    await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 });
    await rename(`${file}.part`, file);
    this.logger.info({ file }, 'mail written to a file');
  }

  async close(): Promise<void> {}
}
