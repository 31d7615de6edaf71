import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const RFC_3339_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function toText(value: unknown): string {
  if (typeof value === 'string' && RFC_3339_MILLISECONDS.test(value)) return value;
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(date.getTime())) throw new GraphQLError('A DateTime must be in RFC 3339 format');
  return date.toISOString();
}

/** The services answer in this format, so their texts are passed on unchanged. Calendar dates, such as birthDate, are strings. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A time in RFC 3339 format, with milliseconds, in UTC.',
  serialize: toText,
  parseValue: (value) => new Date(toText(value)),
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING) throw new GraphQLError('A DateTime must be in RFC 3339 format', { nodes: node });
    return new Date(toText(node.value));
  },
});
