import type { LinkPurpose, NoticePurpose } from './mail-purpose.js';

export interface MailText {
  subject: string;
  text: string;
}

interface Link {
  webAppUrl: string;
  token: string;
  lifetimeSeconds: number;
}

/*
 * The texts of the mails. They contain nothing that the sender of a request chose, so that an attacker cannot send texts in the name of
 * this installation.
 */

/** The token is in the fragment of the link, which browsers do not send: it appears in no server log and no Referer header. */
export function linkText(purpose: LinkPurpose, { webAppUrl, token, lifetimeSeconds }: Link): MailText {
  const lifetime = inWords(lifetimeSeconds);
  switch (purpose) {
    case 'verify-email':
      return {
        subject: 'Confirm your e-mail address',
        text: lines(
          'An account was created with this e-mail address.',
          'If it is yours, confirm the address here:',
          `${webAppUrl}/verify-email#token=${token}`,
          `The link can be used once, within ${lifetime}.`,
          'If you did not create an account, do not open the link and ignore this mail.',
        ),
      };
    case 'reset-password':
      return {
        subject: 'Set a new password',
        text: lines(
          'A new password was requested for your account.',
          'If this was you, set it here:',
          `${webAppUrl}/reset-password#token=${token}`,
          `The link can be used once, within ${lifetime}. It signs out all devices.`,
          'If this was not you, ignore this mail: your password does not change.',
        ),
      };
  }
}

/** No links: a user who is used to links in such mails also opens forged ones. */
export function noticeText(purpose: NoticePurpose, at: Date): MailText {
  const { subject, what, ifYou = 'If this was you, there is nothing to do.', otherwise } = NOTICES[purpose];
  return { subject, text: lines(`${what} That was at ${inMinutes(at)}.`, ifYou, otherwise) };
}

const RESET = 'If this was not you, open the app, choose "forgot password" and set a new password, which signs out all devices';

const NOTICES: Record<NoticePurpose, { subject: string; what: string; ifYou?: string; otherwise: string }> = {
  'password-changed': {
    subject: 'Your password was changed',
    what: 'The password of your account was changed, and all other devices were signed out.',
    otherwise: `${RESET}.`,
  },
  'password-reset': {
    subject: 'Your password was reset',
    what: 'A new password was set for your account by a link in a mail to this address, and all devices were signed out.',
    otherwise: `${RESET}. Another user may be reading your mails: change the password of your mailbox first.`,
  },
  'second-factor-on': {
    subject: 'The second factor was turned on',
    what: 'From now on, a sign-in to your account needs a code of an authenticator app.',
    otherwise: `${RESET}. If you need a code that you do not have, ask the operator of this installation for help.`,
  },
  'second-factor-off': {
    subject: 'The second factor was turned off',
    what: 'A sign-in to your account no longer needs a code of an authenticator app.',
    otherwise: `${RESET}, and turn the second factor on again.`,
  },
  'registration-refused': {
    subject: 'You have an account already',
    what: 'A registration with this e-mail address was refused, because the address has an account already.',
    ifYou: 'If this was you, sign in to your account. If you do not know its password, open the app and choose "forgot password".',
    otherwise: 'If this was not you, there is nothing to do.',
  },
};

const lines = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;

function inMinutes(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function inWords(seconds: number): string {
  const [size, unit] = seconds % 86_400 === 0 ? [86_400, 'day'] : seconds % 3600 === 0 ? [3600, 'hour'] : [60, 'minute'];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
