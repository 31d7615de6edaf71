import type { LinkPurpose, NoticePurpose } from './mail-purpose.js';

export interface MailText {
  subject: string;
  text: string;
}

interface Link {
  webAppUrl: string;
  token: string;
  lifeSeconds: number;
}

/*
 * What mails say. Nothing in them was chosen by whoever caused them, so nobody can send texts of their own in our name.
 */

/** The token is in the link's fragment, which browsers keep to themselves: it gets into no server's log and no Referer. */
export function linkText(purpose: LinkPurpose, { webAppUrl, token, lifeSeconds }: Link): MailText {
  const life = inWords(lifeSeconds);
  switch (purpose) {
    case 'verify-email':
      return {
        subject: 'Confirm your e-mail address',
        text: lines(
          'An account was made with this e-mail address.',
          'If it is yours, confirm the address here:',
          `${webAppUrl}/verify-email#token=${token}`,
          `The link works once, within ${life}.`,
          'If you made no account, do not open the link, and forget this mail.',
        ),
      };
    case 'reset-password':
      return {
        subject: 'Set a new password',
        text: lines(
          'Somebody asked for a new password for your account.',
          'If it was you, set one here:',
          `${webAppUrl}/reset-password#token=${token}`,
          `The link works once, within ${life}. All devices are signed out by it.`,
          'If it was not you, forget this mail: your password stays as it is.',
        ),
      };
  }
}

/** No links: who learns to follow one in such a mail follows a forged one as well. */
export function noticeText(purpose: NoticePurpose, at: Date): MailText {
  const { subject, what, otherwise } = NOTICES[purpose];
  return { subject, text: lines(`${what} That was at ${inMinutes(at)}.`, 'If it was you, there is nothing to do.', otherwise) };
}

const RESET = 'If it was not you, open the app, choose "forgot password" and set a new one, which signs all devices out';

const NOTICES: Record<NoticePurpose, { subject: string; what: string; otherwise: string }> = {
  'password-changed': {
    subject: 'Your password was changed',
    what: 'The password of your account was changed, and all other devices were signed out.',
    otherwise: `${RESET}.`,
  },
  'password-reset': {
    subject: 'Your password was reset',
    what: 'A new password was set for your account by a link in a mail to this address, and all devices were signed out.',
    otherwise: `${RESET}. Somebody else may read your mails: change the password of your mailbox first.`,
  },
  'second-factor-on': {
    subject: 'The second factor was turned on',
    what: 'From now on your account asks for a code of an authenticator app when you sign in.',
    otherwise: `${RESET}. Ask whoever runs this installation for help if you are asked for a code that you do not have.`,
  },
  'second-factor-off': {
    subject: 'The second factor was turned off',
    what: 'Your account asks for no code of an authenticator app any more when you sign in.',
    otherwise: `${RESET}, and turn the second factor on again.`,
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
