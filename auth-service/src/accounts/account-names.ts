/** The form of an e-mail address in which it is compared. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

/** The form of a user name in which it is compared. User names are ASCII. */
export function normaliseUsername(username: string): string {
  return username.toLowerCase();
}
