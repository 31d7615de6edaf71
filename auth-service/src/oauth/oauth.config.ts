import { Env, type ConfigWithChecks } from '@chat/shared/config';

const PUBLIC_URL = /^https?:\/\/[^/?#]+$/;
const APP_SCHEME = /^[a-z][a-z0-9+.-]*$/;
const SCHEMES_OF_BROWSERS = ['http', 'https', 'javascript', 'data', 'file', 'blob', 'about', 'vbscript'];

/** Signing in at another provider: who this installation is to each of them. A provider without credentials is not offered. */
export class OAuthConfig implements ConfigWithChecks {
  @Env({
    name: 'PUBLIC_URL',
    type: 'url',
    default: 'http://localhost:3000',
    description:
      'Address of the gateway as browsers see it, scheme and host only. Register PUBLIC_URL/auth/<provider>/callback and …/mobile/callback at the providers',
  })
  publicUrl: string;

  @Env({
    name: 'MOBILE_APP_SCHEME',
    type: 'string',
    default: 'chatapp',
    description: 'URL scheme of the mobile client: sign-in in its browser ends at <scheme>://auth/callback',
  })
  mobileAppScheme: string;

  @Env({
    name: 'MOBILE_APP_LINK',
    type: 'url',
    optional: true,
    description: 'https app link that sign-in on mobile ends at; empty: MOBILE_APP_SCHEME is used',
  })
  mobileAppLink?: string;

  @Env({ name: 'GOOGLE_CLIENT_ID', type: 'string', optional: true, description: 'Empty: signing in with Google is not offered' })
  googleClientId?: string;

  @Env({ name: 'GOOGLE_CLIENT_SECRET', type: 'secret', optional: true, description: 'Goes with GOOGLE_CLIENT_ID' })
  googleClientSecret?: string;

  @Env({
    name: 'GOOGLE_MOBILE_CLIENT_IDS',
    type: 'list',
    default: [],
    description:
      'Client ids of the native apps (Android, iOS), whose ID tokens are taken besides those of GOOGLE_CLIENT_ID; comma separated',
  })
  googleMobileClientIds: string[];

  @Env({ name: 'GOOGLE_ISSUER', type: 'url', default: 'https://accounts.google.com', description: 'Changed for tests only' })
  googleIssuer: string;

  @Env({ name: 'GITHUB_CLIENT_ID', type: 'string', optional: true, description: 'Empty: signing in with GitHub is not offered' })
  githubClientId?: string;

  @Env({ name: 'GITHUB_CLIENT_SECRET', type: 'secret', optional: true, description: 'Goes with GITHUB_CLIENT_ID' })
  githubClientSecret?: string;

  @Env({ name: 'GITHUB_URL', type: 'url', default: 'https://github.com', description: 'Another one for GitHub Enterprise Server' })
  githubUrl: string;

  @Env({
    name: 'GITHUB_API_URL',
    type: 'url',
    default: 'https://api.github.com',
    description: 'Another one for GitHub Enterprise Server',
  })
  githubApiUrl: string;

  @Env({ name: 'FACEBOOK_CLIENT_ID', type: 'string', optional: true, description: 'Empty: signing in with Facebook is not offered' })
  facebookClientId?: string;

  @Env({ name: 'FACEBOOK_CLIENT_SECRET', type: 'secret', optional: true, description: 'Goes with FACEBOOK_CLIENT_ID' })
  facebookClientSecret?: string;

  @Env({ name: 'FACEBOOK_URL', type: 'url', default: 'https://www.facebook.com', description: 'Changed for tests only' })
  facebookUrl: string;

  @Env({ name: 'FACEBOOK_GRAPH_URL', type: 'url', default: 'https://graph.facebook.com', description: 'Changed for tests only' })
  facebookGraphUrl: string;

  @Env({
    name: 'FACEBOOK_EMAIL_IS_VERIFIED',
    type: 'boolean',
    default: true,
    description:
      'Facebook gives an address only when its owner has confirmed it, but does not say so in words. false: addresses from Facebook count as not verified, so that it cannot make accounts',
  })
  facebookEmailIsVerified: boolean;

  validate(): string[] {
    const problems: string[] = [];
    if (!PUBLIC_URL.test(this.publicUrl)) problems.push('PUBLIC_URL must be scheme and host only');
    if (!APP_SCHEME.test(this.mobileAppScheme) || SCHEMES_OF_BROWSERS.includes(this.mobileAppScheme))
      problems.push("MOBILE_APP_SCHEME must be the app's own scheme, in small letters");
    if (this.mobileAppLink && !this.mobileAppLink.startsWith('https://')) problems.push('MOBILE_APP_LINK must begin with https://');
    for (const name of ['google', 'github', 'facebook'] as const) {
      const both = [this[`${name}ClientId`], this[`${name}ClientSecret`]];
      if (both.filter(Boolean).length === 1) problems.push(`${name.toUpperCase()}_CLIENT_ID and its _CLIENT_SECRET go together`);
    }
    return problems;
  }
}
