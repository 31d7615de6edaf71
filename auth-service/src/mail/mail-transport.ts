/** A mail with its text, ready to leave. */
export interface MailMessage {
  /** The same for each attempt at one mail. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** Where mails go. Rejects when a mail was not taken; with UndeliverableError when it never will be. */
export abstract class MailTransport {
  abstract send(mail: MailMessage): Promise<void>;
  abstract close(): Promise<void>;
}

/** The receiving side knows no such address: another attempt makes no sense. */
export class UndeliverableError extends Error {
  override readonly name = 'UndeliverableError';
}

/** The mail as nodemailer takes it. The address is given apart, so that nothing in it is read as a second one. */
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
