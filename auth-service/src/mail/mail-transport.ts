/** A mail that is ready to be sent. */
export interface MailMessage {
  /** The same for every attempt to send this mail. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** Sends mails. Rejects if a mail was not accepted, with UndeliverableError if a retry is useless. */
export abstract class MailTransport {
  abstract send(mail: MailMessage): Promise<void>;
  abstract close(): Promise<void>;
}

/** The receiving mail server does not know the address. */
export class UndeliverableError extends Error {
  override readonly name = 'UndeliverableError';
}

/** The mail for nodemailer. The address is a field of its own, so that no part of it is parsed as a second address. */
export function messageOf({ id, to, subject, text }: MailMessage, from: string) {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Entity-Ref-ID': id },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
