/** The little of oidc-provider that the stand-in for Google uses; the package has no types. */
declare module 'oidc-provider' {
  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): import('node:http').RequestListener;
    on(event: string, listener: (...args: unknown[]) => void): void;
  }
}
