/** The part of oidc-provider that the fake Google uses; the package has no types. */
declare module 'oidc-provider' {
  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): import('node:http').RequestListener;
    use(middleware: (context: any, next: () => Promise<void>) => Promise<void>): void;
  }
}
