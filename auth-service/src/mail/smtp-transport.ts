import { createTransport } from 'nodemailer';
import { type MailMessage, MailTransport, messageOf, UndeliverableError } from './mail-transport.js';

const CONNECT_TIMEOUT_MS = 5000;
/** Without any data, during a conversation. */
const SOCKET_TIMEOUT_MS = 10_000;

interface SmtpError extends Error {
  responseCode?: number;
  command?: string;
}

/** Sends mails to an SMTP server over a few connections that stay open. */
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
      // A password is never sent in clear text, even if an attacker on the network removes the offer of TLS. The URL can override this.
      requireTLS: new URL(url).username !== '',
    });
  }

  async send(mail: MailMessage): Promise<void> {
    try {
      await this.#transport.sendMail(messageOf(mail, this.from));
    } catch (error) {
      throw isPermanentRefusal(error as SmtpError)
        ? new UndeliverableError('the mail server refused the address', { cause: error })
        : error;
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}

/**
 * 5xx for this recipient. The same reply to the sender or the password is an error of the configuration, which an operator will correct.
 */
function isPermanentRefusal({ responseCode = 0, command }: SmtpError): boolean {
  return command === 'RCPT TO' && responseCode >= 500;
}
