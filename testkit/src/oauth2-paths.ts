/** The paths of a provider that a FakeOAuth2Server serves. */
export interface OAuth2Paths {
  authorize: string;
  token: string;
  api: string[];
  jwks?: string;
}

export const GITHUB_PATHS: OAuth2Paths = {
  authorize: '/login/oauth/authorize',
  token: '/login/oauth/access_token',
  api: ['/user', '/user/emails'],
};

export const FACEBOOK_PATHS: OAuth2Paths = {
  authorize: '/v23.0/dialog/oauth',
  token: '/v23.0/oauth/access_token',
  api: ['/v23.0/me'],
  jwks: '/.well-known/oauth/openid/jwks/',
};
