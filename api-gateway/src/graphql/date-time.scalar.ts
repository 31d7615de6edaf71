import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const RFC_3339_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function toText(value: unknown): string {
  if (typeof value === 'string' && RFC_3339_MILLISECONDS.test(value)) return value;
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(date.getTime())) throw new GraphQLError('A point in time is written as RFC 3339');
  return date.toISOString();
}

/** Services answer in this form already, so it passes through as it is. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'RFC 3339 with milliseconds, UTC.',
  serialize: toText,
  parseValue: (value) => new Date(toText(value)),
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING) throw new GraphQLError('A point in time is written as RFC 3339', { nodes: node });
    return new Date(toText(node.value));
  },
});
