/** Mails with a link. The names are part of stored data: do not rename them. */
export type LinkPurpose = 'verify-email' | 'reset-password';

/** Mails that notify the owner of an account of a change. Stored as well. */
export type NoticePurpose = 'password-changed' | 'password-reset' | 'second-factor-on' | 'second-factor-off';

/** The purpose of a mail. */
export type MailPurpose = LinkPurpose | NoticePurpose;
