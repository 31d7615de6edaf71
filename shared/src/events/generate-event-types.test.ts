import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EVENT_TOPICS, TOPICS } from './catalogue.js';
import { generateEvents } from './generate-event-types.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

describe('the files that are generated from the schemas', () => {
  it('are up to date', () => {
    const { types, schemas, docs } = generateEvents(here('schemas'), TOPICS, EVENT_TOPICS);
    expect(readFileSync(here('event-types.generated.ts'), 'utf8')).toBe(types);
    expect(readFileSync(here('event-schemas.generated.ts'), 'utf8')).toBe(schemas);
    expect(readFileSync(here('../../../docs/events.md'), 'utf8')).toBe(docs);
  });
});
