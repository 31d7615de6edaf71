import { types } from 'pg';

/** The oid of the type `date` (pg_type). */
const DATE = 1082;

/**
 * Type parsers for pg: a `date` stays text (YYYY-MM-DD), as pg's own parser makes a Date at midnight of the process's time zone, which is
 * another day elsewhere, and does not exist on a day that the zone skipped. Every other type is parsed as pg does.
 */
export const columnTypes: typeof types = {
  ...types,
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === DATE && format !== 'binary'
      ? (text: string) => text
      : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
};
