/** The rows as one array per column, which a statement expands with `unnest($1::uuid[], ...)`: one round trip, however many rows there are. */
export function columnsOf<T, K extends keyof T>(rows: readonly T[], names: K[]): T[K][][] {
  return names.map((name) => rows.map((row) => row[name]));
}
