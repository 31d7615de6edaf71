/** One answer on the way. */
export interface Hop {
  url: string;
  status: number;
  location: string | null;
  headers: Headers;
  body: string;
}

/** A browser as far as sign-in needs one: it keeps cookies by host and port, and goes one redirect at a time. */
export class Browser {
  /** By origin, then by name. */
  readonly cookies = new Map<string, Map<string, string>>();
  readonly hops: Hop[] = [];

  async go(url: string, form?: Record<string, string>): Promise<Hop> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), 'user-agent': 'test browser' },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const location = answer.headers.get('location');
    const hop = {
      url,
      status: answer.status,
      location: location === null ? null : URL.canParse(location) ? location : new URL(location, url).href,
      headers: answer.headers,
      body: await answer.text(),
    };
    this.hops.push(hop);
    return hop;
  }

  /** Goes where it is sent, until an answer is a page or leads to where `isEnd` says. */
  async follow(url: string, isEnd: (location: string) => boolean, form?: Record<string, string>): Promise<Hop> {
    let hop = await this.go(url, form);
    for (let hops = 0; hop.location !== null && !isEnd(hop.location); hops += 1) {
      if (hops > 20) throw new Error(`sent in circles, at last to ${hop.location}`);
      hop = await this.go(hop.location);
    }
    return hop;
  }
}
