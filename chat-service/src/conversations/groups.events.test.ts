import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MEMBERS_CHANGED_FIELDS } from './groups.events.js';

it('the SQL function writes exactly the fields of MembersChanged, each from its parameter', () => {
  const sql = readFileSync(new URL('./sql/members_changed_payload.sql', import.meta.url), 'utf8');
  const [, built = ''] = /json_build_object\(([^)]*)\)/.exec(sql) ?? [];
  const words = built.split(',').map((word) => word.trim().replaceAll("'", ''));
  const written = Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]]] : [])));
  expect(written).toEqual(MEMBERS_CHANGED_FIELDS);
});
