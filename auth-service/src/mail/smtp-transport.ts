import { createTransport } from 'nodemailer';
import { type MailMessage, MailTransport, messageOf, UndeliverableError } from './mail-transport.js';

const CONNECT_TIMEOUT_MS = 5000;
/** Of silence, within a conversation. */
const SOCKET_TIMEOUT_MS = 10_000;

interface SmtpError extends Error {
  responseCode?: number;
  command?: string;
}

/** Hands mails to an SMTP server, over a few connections that stay open. */
export class SmtpTransport extends MailTransport {
  readonly #transport;

  constructor(
    url: string,
    private readonly from: string,
  ) {
    super();
    this.#transport = createTransport({
      url,
      pool: true,
      maxConnections: 3,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      // A password never travels in the clear because somebody on the way took the offer of TLS out; the URL can say otherwise.
      requireTLS: new URL(url).username !== '',
    });
  }

  async send(mail: MailMessage): Promise<void> {
    try {
      await this.#transport.sendMail(messageOf(mail, this.from));
    } catch (error) {
      throw isRefusedForGood(error as SmtpError) ? new UndeliverableError('the mail server refused the address', { cause: error }) : error;
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}

/** 5xx to this one recipient. The same to our sender or password is a fault of the configuration, which will be mended. */
function isRefusedForGood({ responseCode = 0, command }: SmtpError): boolean {
  return command === 'RCPT TO' && responseCode >= 500;
}
