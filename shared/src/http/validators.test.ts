import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/index.js';
import { createValidationPipe } from './validation.pipe.js';
import { IsId } from './canonical-fields.js';
import { IsText, validateText } from './validators.js';

class SampleInput {
  @IsText({ min: 1, max: 5 })
  name: string;

  @IsId()
  id: string;
}

const pipe = createValidationPipe();
const check = (value: unknown) =>
  pipe.transform(value, { type: 'body', metatype: SampleInput }).catch((error: unknown) => error as AppError);
const id = '0190b0a0-0000-7000-8000-000000000001';

describe('validateText', () => {
  it('counts code points, not code units', () => {
    expect(validateText('😀'.repeat(5), { max: 5 })).toBeUndefined();
    expect(validateText('😀'.repeat(6), { max: 5 })).toContain('at most 5');
    expect(validateText('x'.repeat(6), { max: 5 })).toContain('at most 5');
    expect(validateText('😀', { min: 2, max: 5 })).toContain('at least 2');
    expect(validateText('😀a', { min: 2, max: 5 })).toBeUndefined();
    expect(validateText('', { min: 1, max: 5 })).toContain('at least 1 character long');
    expect(validateText('', { max: 5 })).toBeUndefined();
  });

  it('rejects text that PostgreSQL cannot store, and values that are not text', () => {
    expect(validateText('a\0b', { max: 5 })).toContain('NUL');
    expect(validateText('a\ud800', { max: 5 })).toContain('surrogate');
    expect(validateText('\udc00', { max: 5 })).toContain('surrogate');
    for (const value of [7, null, undefined, {}, ['a'], true]) expect(validateText(value, { max: 5 })).toBe('must be text');
  });
});

describe('the validation pipe', () => {
  it('creates an instance of the class for valid input', async () => {
    expect(await check({ name: 'ok', id })).toBeInstanceOf(SampleInput);
  });

  it.each([
    [{ name: 'ok', id, extra: 1 }, ['extra']],
    [{ name: 7, id: 'x' }, ['id', 'name']],
    [{}, ['id', 'name']],
    [{ name: ['ok'], id: [id] }, ['id', 'name']],
    [{ name: 'ok', id: `${id}'` }, ['id']],
  ])('rejects %j and names the fields', async (input, fields) => {
    const error = await check(input);
    expect(error).toMatchObject({ kind: 'invalid', code: 'request/invalid' });
    expect((error as AppError).details.problems).toHaveLength(fields.length);
    expect(((error as AppError).details.problems as { field: string }[]).map(({ field }) => field).sort()).toEqual(fields);
  });

  it.each([[null], [undefined], ['text'], [7], [true], [[]], [[{}]], [[{ name: 'ok', id }]]])('rejects the body %j', async (input) => {
    expect(await check(input)).toMatchObject({ kind: 'invalid' });
  });
});
