/* The rules of single values, of which event-rules.ts composes those of the events. */

/** What is wrong with a value, for an operator; null when it is possible. It never contains the value, which may be private. */
export type Rule<V> = (value: V, context: RuleContext) => string | null;

export interface RuleContext {
  /** No event was written later; milliseconds since 1970. */
  latestTime: number;
}

export type Rules<P> = { [F in keyof P]: Rule<P[F]> };

export function at(where: string, problem: string | null): string | null {
  return problem === null ? null : `${where} ${problem}`;
}

export function validateFields<P extends object>(rules: Rules<P>, payload: P, context: RuleContext): string | null {
  for (const field in rules) {
    const problem = at(field, rules[field](payload[field], context));
    if (problem !== null) return problem;
  }
  return null;
}

const EARLIEST_TIME = Date.UTC(2000, 0);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

export function id(value: string): string | null {
  return UUID.test(value) ? null : 'is not a UUID in its canonical form';
}

export function time(value: string, { latestTime }: RuleContext): string | null {
  return anyTime(value) ?? (Date.parse(value) > latestTime ? 'is in the future' : null);
}

/** Also a time in the future. */
export function anyTime(value: string): string | null {
  const milliseconds = RFC_3339_UTC.test(value) ? Date.parse(value) : NaN;
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== value.slice(0, 10))
    return 'is not a time (RFC 3339, UTC)';
  return milliseconds < EARLIEST_TIME ? 'is before the year 2000' : null;
}

/** Of `min` to `max` UTF-16 code units, without NUL, which PostgreSQL cannot store. */
export function text(min: number, max: number): Rule<string> {
  return (value) => {
    if (value.length < min || value.length > max) return `is not ${min} to ${max} characters long`;
    return value.includes('\0') ? 'contains NUL' : null;
  };
}

export function optional<V>(rule: Rule<V>): Rule<V | null> {
  return (value, context) => (value === null ? null : rule(value, context));
}

export function atLeast(min: number): Rule<number> {
  return (value) => (value >= min ? null : `is less than ${min}`);
}

export function listOf<V>(rule: Rule<V>): Rule<V[]> {
  return (values, context) => {
    for (const value of values) {
      const problem = rule(value, context);
      if (problem !== null) return `contains a value that ${problem}`;
    }
    return null;
  };
}

export function oneOf(...values: string[]): Rule<string> {
  return (value) => (values.includes(value) ? null : `is not one of ${values.join(', ')}`);
}

/** Members, each once. */
export function membersOf<M extends { userId: string }>(rules: Rules<M>): Rule<M[]> {
  return (members, context) => {
    if (new Set(members.map(({ userId }) => userId)).size !== members.length) return 'contains a user twice';
    for (const member of members) {
      const problem = validateFields(rules, member, context);
      if (problem !== null) return `contains a member whose ${problem}`;
    }
    return null;
  };
}

export function eachOnce(rule: Rule<string>): Rule<string[]> {
  return (values, context) => (new Set(values).size !== values.length ? 'contains a value twice' : listOf(rule)(values, context));
}

export function notEmpty<V>(rule: Rule<V[]>): Rule<V[]> {
  return (values, context) => (values.length === 0 ? 'is empty' : rule(values, context));
}
