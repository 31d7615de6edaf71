import { loadConfig } from '@chat/shared/config';
import { expect, it } from 'vitest';
import { OAuthConfig } from './oauth.config.js';

it('needs nothing', () => {
  const config = loadConfig(OAuthConfig, {});
  expect([config.googleClientId, config.mobileAppScheme, config.mobileAppLink]).toEqual([undefined, 'chatapp', undefined]);
});

it.each([
  ['PUBLIC_URL', { PUBLIC_URL: 'https://chat.example.test/path' }],
  ['MOBILE_APP_SCHEME', { MOBILE_APP_SCHEME: 'javascript' }],
  ['MOBILE_APP_SCHEME', { MOBILE_APP_SCHEME: 'chat://app' }],
  ['MOBILE_APP_LINK', { MOBILE_APP_LINK: 'http://app.example.test' }],
  ['GOOGLE_CLIENT_ID', { GOOGLE_CLIENT_ID: 'id' }],
  ['GITHUB_CLIENT_ID', { GITHUB_CLIENT_SECRET: 'secret' }],
])('refuses a bad %s: %o', (name, env) => {
  expect(() => loadConfig(OAuthConfig, env as Record<string, string>)).toThrow(name);
});
