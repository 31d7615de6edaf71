import { AppError } from '@chat/shared/errors';
import { silentLog } from '@chat/shared/observability';
import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import { PublicErrors } from './public-errors.js';

const format = (message: string, suggestions: boolean) =>
  new PublicErrors(silentLog, { suggestions }).format(new GraphQLError(message)).message;

it('a message that contains much text of the client is cut, in a time that grows with its length', () => {
  // With a regular expression that begins again at each of these words, this takes hours.
  const message = `Variable "$input" got invalid value "${' Did you mean '.repeat(1_000_000)}x?y"`;
  for (const suggestions of [true, false]) expect(format(message, suggestions)).toHaveLength(300);
});

it('suggestions are for developers', () => {
  const message = 'Variable "$input" got invalid value { mail: "x" }; Field "mail" is not defined. Did you mean "email"?';
  expect(format(message, true)).toBe(message);
  expect(format(message, false)).toBe('Variable "$input" got invalid value { mail: "x" }; Field "mail" is not defined.');
});

it('a refusal under load is not logged, a dependency that is unavailable is', () => {
  const logged: object[] = [];
  const errors = new PublicErrors({ ...silentLog, warn: (fields) => logged.push(fields) }, { suggestions: false });
  const busy = new AppError('unavailable', 'passwords/busy', 'Try again.', { details: { retryAfterSeconds: 3 } });
  expect(errors.format(busy).extensions).toEqual({ code: 'UNAVAILABLE', retryAfterSeconds: 3 });
  expect(logged).toEqual([]);
  errors.format(new AppError('unavailable', 'auth-service/unavailable', 'Try again.'));
  expect(logged).toHaveLength(1);
});
