import type { MailMessage } from './mail-transport.js';

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
