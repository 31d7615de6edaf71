import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { INTERNAL_ISSUERS } from '../config/index.js';
import type { ServiceName } from '../contracts/index.js';
import { internalTokensOf } from './test-internal-keys.js';

/** `open`: needs no token. `user`: for a user, and for the gateway on behalf of one. A list: for these services only. */
export type RouteRule = 'open' | 'user' | readonly ServiceName[];

/** By route, such as `GET /chat/messages/:messageId`. */
export type RouteRules = Record<string, RouteRule>;

/** The routes of a running service, from its router: also those that its OpenAPI document leaves out, but not /docs, which is for development. */
export function routesOf(app: NestFastifyApplication): string[] {
  const path: string[] = [];
  const routes: string[] = [];
  for (const line of app.getHttpAdapter().getInstance().printRoutes().split('\n')) {
    const match = /^((?:[│ ] {3})*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match) continue;
    const [, indent = '', segment = '', methods = ''] = match;
    path.splice(indent.length / 4, path.length, segment);
    for (const method of methods.split(', ')) if (method && method !== 'HEAD') routes.push(`${method} ${path.join('')}`);
  }
  return routes.filter((route) => !route.startsWith('GET /docs')).toSorted();
}

/**
 * Compares the routes of a service with their rules, and sends requests to each: without a token, with that of a user and with those of the
 * services. Returns what is wrong. `signIn` is called for each request, because a request may end the session.
 */
export async function routeRuleProblems(parts: {
  app: NestFastifyApplication;
  url: string;
  service: ServiceName;
  rules: RouteRules;
  signIn(): Promise<{ token: string; userId: string; sessionId: string }>;
}): Promise<string[]> {
  const { app, url, service, rules, signIn } = parts;
  const routes = routesOf(app);
  const problems = [
    ...routes.filter((route) => !(route in rules)).map((route) => `${route} has no rule`),
    ...Object.keys(rules)
      .filter((route) => !routes.includes(route))
      .map((route) => `${route} does not exist`),
  ];
  for (const route of routes) {
    const rule = rules[route];
    if (rule === undefined) continue;
    const check = async (sender: string, token: string | null, isAllowed: boolean, refusal: number) => {
      const status = await statusOf(url, route, token);
      const isRefused = status === 401 || status === 403;
      if (isAllowed ? isRefused : status !== refusal) problems.push(`${route} answers ${status} to ${sender}`);
    };
    await check('a request without a token', null, rule === 'open', 401);
    if (rule === 'open') continue;
    await check('a user', (await signIn()).token, rule === 'user', 403);
    for (const issuer of INTERNAL_ISSUERS) {
      const token = internalTokensOf(issuer).issue(service, await signIn());
      await check(issuer, token, rule === 'user' ? issuer === 'api-gateway' : rule.includes(issuer), 403);
    }
  }
  return problems;
}

/** Of a request without a body; each parameter of the path is an id that nothing has. */
async function statusOf(url: string, route: string, token: string | null): Promise<number> {
  const [method, path] = route.split(' ') as [string, string];
  const response = await fetch(url + path.replace(/:\w+/g, () => randomUUID()), {
    method,
    redirect: 'manual',
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status;
}
