import { createHash } from 'node:crypto';

const PROVIDERS: Record<string, string> = { google: 'Google', github: 'GitHub', facebook: 'Facebook' };
const CODE = /^[A-Za-z0-9_-]{43}$/;

/** The values of `error` in the redirect of auth-service, in words. */
const ERRORS: Record<string, (provider: string) => string> = {
  access_denied: (provider) => `You declined the sign-in at ${provider}, or ${provider} declined it.`,
  email_not_verified: (provider) =>
    `${provider} does not confirm that you own an e-mail address. Verify your address at ${provider}, then sign in again.`,
  other_account_linked: (provider) =>
    `The account with your e-mail address is linked to another ${provider} account. Sign in with that one.`,
  provider_refused: (provider) => `${provider} refused the sign-in, or its response was not valid. Sign in again.`,
  provider_unavailable: (provider) => `${provider} does not respond. Sign in again in a moment.`,
};

const STYLE =
  'body{font:16px/1.5 sans-serif;max-width:42em;margin:3em auto;padding:0 1em}pre{white-space:pre-wrap;background:#eee;padding:1em}';

/** The page loads nothing, runs no script, sends no form and is shown in no frame. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export interface SignInResultPage {
  status: number;
  html: string;
}

/**
 * The page on which a sign-in at a provider ends if the installation has no web client. Of the query it contains only a code that has the
 * form of our codes; everything else is a text of this file.
 */
export function signInResultPage(query: URLSearchParams): SignInResultPage {
  const provider = Object.hasOwn(PROVIDERS, query.get('provider') ?? '') ? PROVIDERS[query.get('provider')!] : undefined;
  const code = query.get('code');
  const error = query.get('error');
  if (provider !== undefined && error === null && code !== null && CODE.test(code))
    return { status: 200, html: page(`You have signed in with ${provider}`, signedIn(code)) };
  if (provider !== undefined && code === null && error !== null && Object.hasOwn(ERRORS, error))
    return { status: 200, html: page(`The sign-in with ${provider} has failed`, `<p>${ERRORS[error]!(provider)}</p>`) };
  return { status: 400, html: page('This is not the result of a sign-in', '<p>Begin the sign-in again.</p>') };
}

function signedIn(code: string): string {
  return `<p>A client completes the sign-in with this code. It works once, within 60 seconds. Keep it secret.</p>
<pre>${code}</pre>
<p>If the client began with a code challenge, it also sends the code verifier. The request to <code>/graphql</code> is:</p>
<pre>mutation {
  exchangeOAuthCode(code: "${code}", codeVerifier: "&lt;code verifier&gt;") {
    accessToken
    refreshToken
  }
}</pre>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${content}
<p>You see this page because no web client is configured. Operators set its address as <code>WEB_APP_URL</code> of auth-service.</p>
</body>
</html>
`;
}
