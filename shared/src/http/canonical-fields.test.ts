import 'reflect-metadata';
import { IsOptional } from 'class-validator';
import { expect, it } from 'vitest';
import type { AppError } from '../errors/index.js';
import { IdPipe, IsCode, IsEmailAddress, IsId, IsName, IsPassword, IsUsername } from './canonical-fields.js';
import { createValidationPipe } from './validation.pipe.js';

class TypedInput {
  @IsOptional() @IsEmailAddress() email?: string | null;
  @IsOptional() @IsUsername() username?: string;
  @IsOptional() @IsName({ max: 5 }) name?: string;
  @IsOptional() @IsName({ max: 5, allowEmpty: true }) nickname?: string;
  @IsOptional() @IsCode({ max: 6 }) code?: string;
  @IsOptional() @IsPassword({ min: 2, max: 5 }) password?: string;
  @IsOptional() @IsId() id?: string;
  @IsOptional() @IsId({ each: true }) ids?: string[];
}

const pipe = createValidationPipe();
const check = (value: object) => pipe.transform(value, { type: 'body', metatype: TypedInput }).catch((error: AppError) => error.message);

const ID = '0190B0A0-0000-7000-8000-00000000000A';
const id = ID.toLowerCase();

it.each([
  [{ email: ' U@MÜNCHEN.example' }, { email: 'u@xn--mnchen-3ya.example' }],
  [{ email: null }, { email: null }],
  [{ username: 'Ada ' }, { username: 'Ada' }],
  [{ name: ' Zoe\u0308 \n K ' }, { name: 'Zoë K' }],
  [{ name: '😀😀😀😀😀' }, { name: '😀😀😀😀😀' }],
  [{ nickname: '\u3000 ' }, { nickname: '' }],
  [{ code: '１２３ 456' }, { code: '123456' }],
  [{ password: ' a\u0308\0' }, { password: ' ä\0' }],
  [
    { id: ID, ids: [ID, id] },
    { id, ids: [id, id] },
  ],
  [{ ids: [] }, { ids: [] }],
])('brings %j into its canonical form', async (input, expected) => {
  expect(await check(input)).toEqual(expected);
});

it.each([
  [{ email: 'ada' }, 'email must be an e-mail address'],
  [{ email: ['ada@example.com'] }, 'email must be an e-mail address'],
  [{ username: 'ad' }, 'username must be 3 to 32 characters of A-Z a-z 0-9 . _ -'],
  [{ name: 'Ada King' }, 'name must be at most 5 characters long'],
  [{ name: '' }, 'name must be at least 1 character long'],
  [{ name: '\u200B' }, 'name must show something, without control characters and bidirectional overrides'],
  [{ name: 'a\u202E' }, 'name must show something, without control characters and bidirectional overrides'],
  [{ nickname: '\u3164' }, 'nickname must show something, without control characters and bidirectional overrides'],
  [{ name: 7 }, 'name must be text'],
  [{ code: '1234567' }, 'code must be a code of letters and digits'],
  [{ password: 'a\u0308' }, 'password must be text of 2 to 5 characters'],
  [{ password: 'abcdef' }, 'password must be text of 2 to 5 characters'],
  [{ id: 'x' }, 'id must be an id'],
  [{ id: [ID] }, 'id must be an id'],
  [{ ids: [ID, 'x'] }, 'each value in ids must be an id'],
  [{ ids: [[ID]] }, 'each value in ids must be an id'],
])('rejects %j and says why', async (input, message) => {
  expect(await check(input)).toBe(message);
});

it('gives an id of the path in lower case, and names the parameter of one that is not valid', () => {
  const pipe = new IdPipe();
  expect(pipe.transform(ID, { type: 'param', data: 'userId' })).toBe(id);
  for (const value of ['x', '', undefined, [ID]])
    expect(() => pipe.transform(value, { type: 'param', data: 'userId' })).toThrow('userId must be an id');
});
