import { Pool } from 'undici';

/** One error of a GraphQL response. */
export interface ClientError {
  message: string;
  code: string;
  extensions: Record<string, unknown>;
}

/** The response to one operation. */
export interface Answer<T = Record<string, any>> {
  status: number;
  data: T | null;
  errors: ClientError[];
  /** The unparsed body, for checks that it does not contain something. */
  text: string;
}

/** Thrown by `mustAsk` if the response has errors, and by `ask` if there is no GraphQL response. */
export class GraphqlFailure extends Error {
  readonly errors: ClientError[];
  constructor(message: string, errors: ClientError[] = []) {
    super(message);
    this.errors = errors;
  }
  get code(): string {
    return this.errors[0]?.code ?? 'NO_ANSWER';
  }
}

/** A minimal GraphQL client over HTTP. */
export class GraphqlClient {
  readonly url: string;
  readonly #pool: Pool;
  readonly #path: string;

  constructor(url: string, connections = 32) {
    this.url = url;
    const { origin, pathname } = new URL(url);
    this.#path = pathname;
    this.#pool = new Pool(origin, { connections, headersTimeout: 15_000, bodyTimeout: 15_000 });
  }

  /** Sends one operation; returns GraphQL errors, and throws if there is no GraphQL response. */
  async ask<T = Record<string, any>>(
    query: string,
    variables: Record<string, unknown> = {},
    token?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const { statusCode, body } = await this.#pool.request({
      method: 'POST',
      path: this.#path,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await body.text();
    let parsed: any;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new GraphqlFailure(`no GraphQL answer: HTTP ${statusCode} ${text.slice(0, 200)}`);
    }
    const errors = (parsed.errors ?? []).map((e: any) => ({
      message: e.message,
      code: e.extensions?.code ?? 'NO_CODE',
      extensions: e.extensions ?? {},
    }));
    return { status: statusCode, data: parsed.data ?? null, errors, text };
  }

  /** Sends one operation and returns its data; throws on any error. */
  async mustAsk<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}, token?: string): Promise<T> {
    const answer = await this.ask<T>(query, variables, token);
    if (answer.errors.length || answer.data === null) {
      throw new GraphqlFailure(answer.errors.map((e) => `${e.code}: ${e.message}`).join('; ') || 'no data', answer.errors);
    }
    return answer.data;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
