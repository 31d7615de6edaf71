import { describe, expect, it } from 'vitest';
import {
  canonicalCode,
  canonicalEmail,
  canonicalId,
  canonicalName,
  canonicalPassword,
  canonicalUsername,
  usernameAsTyped,
} from './canonical.js';

const repeat = (text: string, times: number) => text.repeat(times);

describe('canonicalEmail', () => {
  it.each([
    'u@xn--mnchen-3ya.example',
    'U@MÜNCHEN.example',
    ' u@münchen.example ',
    'u@mu\u0308nchen.example',
    '\u00A0u@ｍünchen．example\u3000\uFEFF',
    'u@münchen。example',
    'u@mün\u00ADchen.example',
    'U@XN--MNCHEN-3YA.EXAMPLE',
  ])('gives one form for the spelling %o', (text) => {
    expect(canonicalEmail(text)).toBe('u@xn--mnchen-3ya.example');
  });

  it.each([
    ['Ada@Example.com', 'ada@example.com'],
    ['ZOE\u0308@example.com', 'zoë@example.com'],
    ['ada+tag@example.com', 'ada+tag@example.com'],
    [`${repeat('a', 64)}@example.com`, `${repeat('a', 64)}@example.com`],
    ['İ@example.com', 'i\u0307@example.com'],
    ['用户@例え.テスト', '用户@xn--r8jz45g.xn--zckzah'],
  ])('gives %o as %o, and the same again', (text, expected) => {
    expect(canonicalEmail(text)).toBe(expected);
    expect(canonicalEmail(expected)).toBe(expected);
  });

  const long = [63, 63, 58].map((length) => repeat('a', length)).join('.');
  it('accepts 254 octets and not 255', () => {
    expect(canonicalEmail(`${repeat('u', 64)}@${long}.ab`)).toHaveLength(64 + 1 + 63 + 1 + 63 + 1 + 58 + 3);
    expect(canonicalEmail(`${repeat('u', 64)}@${long}.abc`)).toBeNull();
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@@example.com',
    'ada @example.com',
    '"ada b"@example.com',
    'ada@example.com.',
    'ada@.example.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@example.com:80',
    'ada@example.com/x',
    'ada@ex%61mple.com',
    'ada@x℀.example',
    'a\0da@example.com',
    'a\nda@example.com',
    'ada@exam\nple.com',
    'a\u200Bda@example.com',
    'a\u202Eda@example.com',
    'ada\ud800@example.com',
    'ada＠example.com',
    `${repeat('a', 65)}@example.com`,
    `${repeat('ä', 33)}@example.com`,
    `ada@${repeat('a', 64)}.com`,
    `ada@${repeat('a.', 200_000)}com`,
    `ada@${repeat('\u00AD', 254)}example.com`,
    'ada@example.com\r\nBcc: eve@example.com',
  ])('rejects %o', (text) => {
    expect(canonicalEmail(text)).toBeNull();
  });
});

describe('canonicalUsername', () => {
  it('is the user name in lower case, without surrounding white space', () => {
    expect([canonicalUsername(' Ada.L_1-x\n'), usernameAsTyped(' Ada.L_1-x\n')]).toEqual(['ada.l_1-x', 'Ada.L_1-x']);
  });

  it.each(['ab', repeat('a', 33), 'ad a', 'zoë', 'аda', 'a\u200Bda', '', 'ada\0'])('rejects %o', (text) => {
    expect(canonicalUsername(text)).toBeNull();
  });
});

describe('canonicalName', () => {
  it.each([
    ['  Ada \t\n King\u3000Lovelace\u00A0', 'Ada King Lovelace'],
    ['Zoe\u0308', 'Zoë'],
    ['李明', '李明'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['کتاب\u200Cخانه', 'کتاب\u200Cخانه'],
    ['"', '"'],
  ])('gives %o as %o, and the same again', (text, expected) => {
    expect(canonicalName(text)).toBe(expected);
    expect(canonicalName(expected)).toBe(expected);
  });

  it.each([
    '',
    ' \u3000\n',
    '\u200B',
    '\u200B \u200D',
    '\u3164',
    '\u2800',
    '\u115F\u1160',
    '\uFFA0',
    '\u00AD',
    '\u0301',
    '\u0301\u034F\uFE0F',
    '\uFEFF',
    '\u2060',
    '\u{E0041}',
    '\u{1D159}',
    'Ada\u202EKing',
    'Ada\u2067King',
    'Ada\0',
    'Ada\u0007',
    'Ada\u001B[31m',
    'Ada\ud800',
  ])('rejects %o', (text) => {
    expect(canonicalName(text)).toBeNull();
  });
});

describe('canonicalCode', () => {
  it.each([
    ['123 456', '123456'],
    [' １２３４５６\u3000', '123456'],
    ['123\u2011456', '123456'],
    ['abcdef-abc234–xyz765', 'ABCDEFABC234XYZ765'],
    ['ａｂｃ', 'ABC'],
  ])('gives %o as %o', (text, expected) => {
    expect(canonicalCode(text)).toBe(expected);
    expect(canonicalCode(expected)).toBe(expected);
  });

  it.each(['', ' - ', '१२३४५६', '12345ß', '12_34', '12\u030034', '1'.repeat(5000)])('rejects %o', (text) => {
    expect(canonicalCode(text)).toBeNull();
  });
});

it('makes one password of two spellings of the same characters, and keeps white space and NUL', () => {
  expect(canonicalPassword(' pa\u0308ss\0 ')).toBe(' päss\0 ');
  expect(canonicalPassword('ﬁ')).toBe('ﬁ');
  expect([canonicalPassword('\ud800'), canonicalPassword('a'.repeat(5000))]).toEqual([null, null]);
});

it('gives ids in lower case, of any version', () => {
  expect(canonicalId('0190B0A0-0000-7000-8000-00000000000A')).toBe('0190b0a0-0000-7000-8000-00000000000a');
  expect(['', 'x', '0190b0a000007000800000000000000a', ' 0190b0a0-0000-7000-8000-00000000000a'].map(canonicalId)).toEqual(
    Array(4).fill(null),
  );
});

// Every client can send these texts without a token, many in one request, and they are processed on the event loop.
it.each([
  ['white space within a text', `a${repeat(' ', 4094)}b`],
  [
    'a domain of many characters',
    `ada@${Array.from({ length: 4092 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('')}`,
  ],
  ['a domain of marks in the wrong order', `ada@a${repeat('\u0301\u0327', 2045)}`],
  ['marks in the wrong order', `a${repeat('\u0301\u0327', 2047)}`],
  ['characters that become 18', repeat('\uFDFA', 4096)],
])('a long text is rejected or processed within milliseconds of processor time: %s', (_, text) => {
  const shortestMs = Math.min(
    ...Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      for (const canonical of [canonicalEmail, canonicalUsername, canonicalName, canonicalCode, canonicalPassword])
        for (const length of [4096, 1024, 254]) canonical(text.slice(0, length));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );
  expect(shortestMs).toBeLessThan(20);
});
