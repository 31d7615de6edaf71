const MAX_WEBSITE = 200;
const MAX_PHONE_NUMBER = 32;

/** An http(s) URL of at most 200 characters without a user name: `https://bank.example@evil.example` looks like one site and opens another. */
export function isWebsite(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_WEBSITE || !value.isWellFormed()) return false;
  if (!/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(value)) return false;
  const url = URL.parse(value);
  return url !== null && url.username === '' && url.password === '';
}

/** A calendar date YYYY-MM-DD that exists and is not in the future in every time zone. */
export function isBirthDate(value: unknown, now = new Date()): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '0001') return false;
  const [year, month, day] = value.split('-').map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  // Dates as text sort by time. UTC+14 is the time zone in which a day begins first.
  return value <= new Date(now.getTime() + 14 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

/** Gregorian calendar, for all years. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Digits with the usual punctuation, at least three digits and at most 32 characters. */
export function isPhoneNumber(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_PHONE_NUMBER || !/^\+?[0-9 ().\-/]+$/.test(value)) return false;
  return value.replace(/[^0-9]/g, '').length >= 3;
}
