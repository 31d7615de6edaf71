const MAX_WEBSITE = 200;
const MAX_PHONE_NUMBER = 32;

/** An http(s) address of at most 200 characters, without a user name in it: `https://bank.example@evil.example` shows one site and opens another. */
export function isWebsite(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_WEBSITE || !value.isWellFormed()) return false;
  if (!/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(value)) return false;
  const url = URL.parse(value);
  return url !== null && url.username === '' && url.password === '';
}

/** A day that exists, as YYYY-MM-DD, and not one that is still to come anywhere on earth. */
export function isBirthDate(value: unknown, now = new Date()): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '0001') return false;
  const day = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== value) return false;
  const aheadOfUtcMs = 14 * 60 * 60 * 1000;
  return day.getTime() <= now.getTime() + aheadOfUtcMs;
}

/** Digits with the usual punctuation, at most 32 characters: enough to dial, and nothing else. */
export function isPhoneNumber(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_PHONE_NUMBER || !/^\+?[0-9 ().\-/]+$/.test(value)) return false;
  return value.replace(/[^0-9]/g, '').length >= 3;
}
