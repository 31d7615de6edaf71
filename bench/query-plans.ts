import { readFileSync, statSync } from 'node:fs';
import type { Client } from 'pg';
import type { System } from '../scripts/system.ts';

const SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
};

/**
 * The plans with which a service runs its queries, as EXPLAIN (ANALYZE, BUFFERS) shows them: auto_explain writes them to the log of PostgreSQL. Its
 * prepared statements have the settings of the service, which an EXPLAIN in another session would not have.
 */
export class QueryPlans {
  readonly #system: System;
  readonly #sql: Client;
  readonly #service: keyof System['services'];
  readonly #table: RegExp;

  private constructor(system: System, sql: Client, service: keyof System['services'], table: RegExp) {
    this.#system = system;
    this.#sql = sql;
    this.#service = service;
    this.#table = table;
  }

  /** Restarts the service, so that its sessions explain what they run. `table`: only queries that name it; others run in the background, too. */
  static async start(system: System, sql: Client, service: keyof System['services'], table: RegExp): Promise<QueryPlans> {
    await sql.query(`load 'auto_explain'`);
    for (const [name, value] of Object.entries(SETTINGS)) await sql.query(`alter role ${roleOf(service)} set ${name} = '${value}'`);
    await system.services[service].restart();
    return new QueryPlans(system, sql, service, table);
  }

  /** The plans of the queries that this runs. */
  async of(run: () => Promise<unknown>): Promise<string[]> {
    const { logFile } = this.#system.infra.postgres!.definition;
    // Only the second time is everything in the cache, and every connection has its prepared statement.
    await run();
    const before = statSync(logFile).size;
    await run();
    const log = readFileSync(logFile).subarray(before).toString();
    return [...log.matchAll(/ plan:\n((?:\t.*\n)+)/g)].map(([, entry = '']) => entry).flatMap((entry) => planIn(entry, this.#table));
  }

  async stop(): Promise<void> {
    for (const name of Object.keys(SETTINGS)) await this.#sql.query(`alter role ${roleOf(this.#service)} reset ${name}`);
    await this.#system.services[this.#service].restart();
  }
}

function roleOf(service: string): string {
  return service.replace('-', '_');
}

/** Without the text of the query. */
function planIn(entry: string, table: RegExp): string[] {
  const lines = entry.trimEnd().split('\n');
  const start = lines.findIndex((line) => /\(cost=.* rows=.*\)/.test(line));
  const query = lines.slice(0, start).join('\n');
  if (start < 0 || !table.test(query)) return [];
  return [
    lines
      .slice(start)
      .map((line) => line.replace(/^\t/, ''))
      .join('\n'),
  ];
}
