/** One request and its response. */
export interface Hop {
  url: string;
  status: number;
  location: string | null;
  headers: Headers;
  body: string;
}

/** A browser, as far as sign-in needs one. It keeps cookies by origin, follows one redirect at a time, and records every hop. */
export class Browser {
  /** By origin, then by name. */
  readonly cookies = new Map<string, Map<string, string>>();
  readonly hops: Hop[] = [];

  async go(url: string, form?: Record<string, string>): Promise<Hop> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), 'user-agent': 'test browser' },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const { status, headers } = response;
    const to = headers.get('location');
    const location = to === null || URL.canParse(to) ? to : new URL(to, url).href;
    const hop = { url, status, location, headers, body: await response.text() };
    this.hops.push(hop);
    return hop;
  }

  /** Fills in the forms of a FakeGoogle: signs in as `login` and consents. Returns the redirect to our callback, which is not opened yet. */
  async signIn(authorizationUrl: string, login: string): Promise<Hop> {
    const { origin } = new URL(authorizationUrl);
    let hop = await this.#follow(origin, await this.go(authorizationUrl));
    for (const form of [{ prompt: 'login', login, password: 'x' }, { prompt: 'consent' }] as Record<string, string>[]) {
      if (hop.location === null) hop = await this.#follow(origin, await this.go(hop.url, form));
    }
    if (hop.location === null) throw new Error(`the provider responded with ${hop.status}: ${hop.body}`);
    return hop;
  }

  async #follow(origin: string, hop: Hop): Promise<Hop> {
    return hop.location?.startsWith(origin) ? this.#follow(origin, await this.go(hop.location)) : hop;
  }
}
