import { AppError } from '@chat/shared/errors';
import { describe, expect, it } from 'vitest';
import { validateSendMessage } from './messages.validation.js';

const receiverId = '0195c0de-0000-7000-8000-00000000000a';

describe('validateSendMessage', () => {
  it.each([
    ['one character', 'x'],
    ['text unchanged, line ends included', '  a\r\n\tb\n '],
    ['8,000 characters', 'é'.repeat(8000)],
    ['8,000 characters of two code units each', '🦊'.repeat(8000)],
    ['an emoji of several code points', '👩‍👩‍👧'],
    ['any script', 'שלום 你好 مرحبا'],
  ])('accepts %s', (_name, content) => {
    expect(validateSendMessage({ receiverId, content })).toEqual({ receiverId, content });
  });

  it('returns ids in lower case, and treats null like a missing field', () => {
    expect(
      validateSendMessage({ receiverId: receiverId.toUpperCase(), conversationId: null, content: 'x', clientMessageId: null }),
    ).toEqual({
      receiverId,
      content: 'x',
    });
  });

  it.each([
    ['no body', undefined],
    ['text as body', 'hello'],
    ['a list as body', []],
    ['no content', { receiverId }],
    ['empty content', { receiverId, content: '' }],
    ['white space alone', { receiverId, content: ' \t\n\u00a0\u3000' }],
    ['zero-width characters alone', { receiverId, content: '\u200b\u200d\ufeff\u2060\u00ad\u3164' }],
    ['8,001 characters', { receiverId, content: 'x'.repeat(8001) }],
    ['8,001 characters of two code units each', { receiverId, content: '🦊'.repeat(8001) }],
    ['a lone surrogate', { receiverId, content: 'a\ud83d' }],
    ['a NUL', { receiverId, content: 'a\0b' }],
    ['a number instead of text', { receiverId, content: 5 }],
    ['an object instead of text', { receiverId, content: { toString: 'x' } }],
    ['a malformed receiverId', { receiverId: 'me', content: 'x' }],
    ['a number as receiverId', { receiverId: 7, content: 'x' }],
    ['a malformed conversationId', { conversationId: `${receiverId}'`, content: 'x' }],
    ['an empty clientMessageId', { receiverId, content: 'x', clientMessageId: '' }],
    ['a clientMessageId of 65 characters', { receiverId, content: 'x', clientMessageId: 'k'.repeat(65) }],
    ['a number as clientMessageId', { receiverId, content: 'x', clientMessageId: 1 }],
    ['an unknown field', { receiverId, content: 'x', senderId: receiverId }],
    ['a field of the prototype', JSON.parse(`{"receiverId":"${receiverId}","content":"x","__proto__":{"a":1}}`)],
  ])('rejects %s', (_name, body) => {
    expect(() => validateSendMessage(body)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'request/invalid' }));
  });

  it('lists all problems at once', () => {
    let error: unknown;
    try {
      validateSendMessage({ receiverId: 'me', content: '', extra: 1 });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).details.problems).toEqual([
      { field: 'extra', message: 'extra is not known' },
      { field: 'receiverId', message: 'receiverId must be an id' },
      { field: 'content', message: 'content must be at least 1 character long' },
    ]);
  });
});
