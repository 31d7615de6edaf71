/** Mails with a link. The names are part of stored data: do not rename them. */
export type LinkPurpose = 'verify-email' | 'reset-password';

const SECURITY_NOTICES = ['password-changed', 'password-reset', 'second-factor-on', 'second-factor-off'] as const;

/** Mails that notify the owner of an account of a change. Stored as well. */
export type SecurityNotice = (typeof SECURITY_NOTICES)[number];

/** Mails without a link. `registration-refused`: the address of a registration has an account already. */
export type NoticePurpose = SecurityNotice | 'registration-refused';

/** The purpose of a mail. */
export type MailPurpose = LinkPurpose | NoticePurpose;

export function isSecurityNotice(purpose: MailPurpose): purpose is SecurityNotice {
  return SECURITY_NOTICES.some((notice) => notice === purpose);
}

export function isLink(purpose: MailPurpose): purpose is LinkPurpose {
  return purpose === 'verify-email' || purpose === 'reset-password';
}
