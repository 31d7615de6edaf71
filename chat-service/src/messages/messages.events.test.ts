import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MESSAGE_CREATED_FIELDS } from './messages.events.js';

// Consumers decode the payload by its Avro schema: a field that the SQL does not write would be missing from every message.
it('the SQL function writes exactly the fields of MessageCreated, each from its parameter', () => {
  const sql = readFileSync(new URL('./sql/message_created_payload.sql', import.meta.url), 'utf8');
  const [, built = ''] = /json_build_object\(([^)]*)\)/.exec(sql) ?? [];
  const words = built.split(',').map((word) => word.trim().replaceAll("'", ''));
  const written = Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]]] : [])));
  expect(written).toEqual(MESSAGE_CREATED_FIELDS);
});
