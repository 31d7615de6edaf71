/** What a mail is for. Part of what is stored: never rename one. */
export type MailPurpose = 'verify-email' | 'reset-password';
