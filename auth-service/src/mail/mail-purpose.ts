/** Mails that carry a link. Part of what is stored: never rename one. */
export type LinkPurpose = 'verify-email' | 'reset-password';

/** Mails that tell an owner what was done. Part of what is stored, too. */
export type NoticePurpose = 'password-changed' | 'password-reset' | 'second-factor-on' | 'second-factor-off';

/** What a mail is for. */
export type MailPurpose = LinkPurpose | NoticePurpose;
