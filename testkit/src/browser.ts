export interface Hop {
  url: string;
  status: number;
  location: string | null;
  body: string;
}

/** A minimal browser for sign-in: it keeps cookies per origin, follows one redirect at a time, and records every hop. */
export class Browser {
  readonly hops: Hop[] = [];
  readonly #cookies = new Map<string, Map<string, string>>();

  async go(url: string, form?: Record<string, string>): Promise<Hop> {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), 'user-agent': 'e2e browser' },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const to = answer.headers.get('location');
    const location = to === null || URL.canParse(to) ? to : new URL(to, url).href;
    const hop = { url, status: answer.status, location, body: await answer.text() };
    this.hops.push(hop);
    return hop;
  }

  /** Signs in as `login` on the pages of the provider; returns the redirect that leads away from the provider. */
  async signIn(authorizationUrl: string, login: string): Promise<Hop> {
    const { origin } = new URL(authorizationUrl);
    let hop = await this.#follow(origin, await this.go(authorizationUrl));
    for (const form of [{ prompt: 'login', login, password: 'x' }, { prompt: 'consent' }] as Record<string, string>[]) {
      if (hop.location === null) hop = await this.#follow(origin, await this.go(hop.url, form));
    }
    return hop;
  }

  async #follow(origin: string, hop: Hop): Promise<Hop> {
    return hop.location?.startsWith(origin) ? this.#follow(origin, await this.go(hop.location)) : hop;
  }
}
