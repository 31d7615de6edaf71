/** The same URL with a user and a password, unless it has its own, or there are none. */
export function withCredentials(text: string, username = '', password = ''): string {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || (username === '' && password === '')) return text;
  // The setters leave % as it is.
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return url.href;
}
