import type { MailPurpose } from './mail-purpose.js';

interface Link {
  webAppUrl: string;
  token: string;
  lifeSeconds: number;
}

/**
 * What a mail says. Nothing in it was chosen by whoever caused it, so nobody can send texts of their own in our name. The token is in the
 * link's fragment, which browsers keep to themselves: it gets into no server's log and no Referer.
 */
export function textOf(purpose: MailPurpose, { webAppUrl, token, lifeSeconds }: Link): { subject: string; text: string } {
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

const lines = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;

function inWords(seconds: number): string {
  const [size, unit] = seconds % 86_400 === 0 ? [86_400, 'day'] : seconds % 3600 === 0 ? [3600, 'hour'] : [60, 'minute'];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
