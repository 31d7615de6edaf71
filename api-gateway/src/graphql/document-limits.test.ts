import { getIntrospectionQuery, parse } from 'graphql';
import { expect, it } from 'vitest';
import { exceededLimit } from './document-limits.js';

const times = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join(' ');
const deep = (depth: number, field = 'a') => `${`${field} {`.repeat(depth - 1)} ${field} ${'}'.repeat(depth - 1)}`;
const limitOf = (document: string) => exceededLimit(parse(document))?.message ?? null;

it.each([
  ['30 fields at the root, one of them nested 10 deep', `{ ${times(29, (n) => `a${n}: hello`)} ${deep(10)} }`],
  ['500 fields', `{ a { ${times(499, (n) => `b${n}`)} } }`],
  ['30 aliases at the root and 30 below it', `{ ${times(29, (n) => `a${n}: hello`)} x: a { ${times(30, (n) => `a${n}: b`)} } }`],
  ['50 definitions', times(50, (n) => `query Q${n} { a }`)],
  ['100 spreads', `{ a { ${times(100, (n) => `...f${n % 40}`)} } } ${times(40, (n) => `fragment f${n} on T { a }`)}`],
  ['the introspection query', getIntrospectionQuery()],
])('a document with %s is within the limits', (_name, document) => expect(limitOf(document)).toBeNull());

it.each([
  ['31 aliases at the root', `{ ${times(31, (n) => `a${n}: hello`)} }`, '30 fields at its root'],
  ['31 equal fields at the root', `{ ${'hello '.repeat(31)} }`, '30 fields at its root'],
  ['31 aliases below the root', `{ a { ${times(31, (n) => `a${n}: b`)} } }`, '30 aliases'],
  [
    'aliases that are multiplied by fragments',
    `{ a { ...f } b { ...f } } fragment f on T { ${times(16, (n) => `a${n}: b`)} }`,
    '30 aliases',
  ],
  ['fields nested 11 deep', `{ ${deep(11)} }`, '10 deep'],
  ['a chain of replies, 11 deep', `{ getMessages { data { ${deep(9, 'replyTo')} } } }`, '10 deep'],
  ['fields nested 11 deep by fragments', `{ a { ...f } } fragment f on T { ${deep(10)} }`, '10 deep'],
  ['introspection nested without end', `{ __schema { ${deep(30)} } }`, '10 deep'],
  ['501 fields', `{ a { ${times(500, (n) => `b${n}`)} } }`, '500 fields'],
  ['501 fields in a fragment that is not used', `{ a } fragment f on T { ${times(501, (n) => `b${n}`)} }`, '500 fields'],
  ['501 fields in several operations', times(3, (n) => `query Q${n} { a { ${times(170, (m) => `b${m}`)} } }`), '500 fields'],
  [
    'fragments that multiply',
    `{ ${times(20, (n) => `a${n}: b { ...f }`)} } fragment f on T { ${times(30, (n) => `b${n}`)} }`,
    '500 fields',
  ],
  ['51 fragments', `{ a } ${times(50, (n) => `fragment f${n} on T { a }`)}`, '50 operations and fragments'],
  ['101 spreads, whether or not the fragments exist', `{ a { ${times(101, (n) => `...f${n}`)} } }`, 'fragments at most 100 times'],
  ['101 inline fragments within each other', `{ a { ${'... { '.repeat(101)} b ${'}'.repeat(101)} } }`, 'fragments at most 100 times'],
  ['a name of 101 characters', `{ ${'a'.repeat(101)}: hello }`, '100 characters'],
  ['31 equal fields with arguments', `{ a { ${'b(c: 1) '.repeat(31)} } }`, '30 times'],
])('a document with %s exceeds a limit', (_name, document, limit) => expect(limitOf(document)).toContain(limit));
