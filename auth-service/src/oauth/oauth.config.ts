import { Env, type ConfigWithChecks } from '@chat/shared/config';

const PUBLIC_URL = /^https?:\/\/[^/?#]+$/;
const APP_SCHEME = /^[a-z][a-z0-9+.-]*$/;
const SCHEMES_OF_BROWSERS = ['http', 'https', 'javascript', 'data', 'file', 'blob', 'about', 'vbscript'];

/** The credentials of this installation at each provider. A provider without credentials is not offered. */
export class OAuthConfig implements ConfigWithChecks {
  @Env({
    name: 'PUBLIC_URL',
    type: 'url',
    default: 'http://localhost:3000',
    description:
      'Address of the gateway for clients: scheme and host only. URLs of files begin with it. Register PUBLIC_URL/auth/<provider>/callback and …/mobile/callback at the providers',
  })
  publicUrl: string;

  @Env({
    name: 'MOBILE_APP_SCHEME',
    type: 'string',
    default: 'chatapp',
    description: 'URL scheme of the mobile client. A sign-in in its browser ends at <scheme>://auth/callback',
  })
  mobileAppScheme: string;

  @Env({
    name: 'MOBILE_APP_LINK',
    type: 'url',
    optional: true,
    description: 'https app link where a sign-in on mobile ends. Empty: MOBILE_APP_SCHEME is used',
  })
  mobileAppLink?: string;

  @Env({ name: 'GOOGLE_CLIENT_ID', type: 'string', optional: true, description: 'Empty: sign-in with Google is not offered' })
  googleClientId?: string;

  @Env({ name: 'GOOGLE_CLIENT_SECRET', type: 'secret', optional: true, description: 'Required with GOOGLE_CLIENT_ID' })
  googleClientSecret?: string;

  @Env({
    name: 'GOOGLE_MOBILE_CLIENT_IDS',
    type: 'list',
    default: [],
    description:
      'Client ids of the native apps (Android, iOS), comma separated. Their ID tokens are accepted, and those of GOOGLE_CLIENT_ID',
  })
  googleMobileClientIds: string[];

  @Env({ name: 'GOOGLE_ISSUER', type: 'url', default: 'https://accounts.google.com', description: 'Changed for tests only' })
  googleIssuer: string;

  @Env({ name: 'GITHUB_CLIENT_ID', type: 'string', optional: true, description: 'Empty: sign-in with GitHub is not offered' })
  githubClientId?: string;

  @Env({ name: 'GITHUB_CLIENT_SECRET', type: 'secret', optional: true, description: 'Required with GITHUB_CLIENT_ID' })
  githubClientSecret?: string;

  @Env({ name: 'GITHUB_URL', type: 'url', default: 'https://github.com', description: 'Changed for GitHub Enterprise Server' })
  githubUrl: string;

  @Env({
    name: 'GITHUB_API_URL',
    type: 'url',
    default: 'https://api.github.com',
    description: 'Changed for GitHub Enterprise Server',
  })
  githubApiUrl: string;

  @Env({ name: 'FACEBOOK_CLIENT_ID', type: 'string', optional: true, description: 'Empty: sign-in with Facebook is not offered' })
  facebookClientId?: string;

  @Env({ name: 'FACEBOOK_CLIENT_SECRET', type: 'secret', optional: true, description: 'Required with FACEBOOK_CLIENT_ID' })
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
      'Facebook returns an address only after its owner has verified it, but does not state so. false: addresses from Facebook count as not verified, so that a sign-in with Facebook creates no account',
  })
  facebookEmailIsVerified: boolean;

  validate(): string[] {
    const problems: string[] = [];
    if (!PUBLIC_URL.test(this.publicUrl)) problems.push('PUBLIC_URL must be scheme and host only');
    if (!APP_SCHEME.test(this.mobileAppScheme) || SCHEMES_OF_BROWSERS.includes(this.mobileAppScheme))
      problems.push("MOBILE_APP_SCHEME must be the app's own scheme, in lower case");
    if (this.mobileAppLink && !this.mobileAppLink.startsWith('https://')) problems.push('MOBILE_APP_LINK must begin with https://');
    for (const name of ['google', 'github', 'facebook'] as const) {
      const both = [this[`${name}ClientId`], this[`${name}ClientSecret`]];
      if (both.filter(Boolean).length === 1) problems.push(`${name.toUpperCase()}_CLIENT_ID and its _CLIENT_SECRET must be set together`);
    }
    return problems;
  }
}
