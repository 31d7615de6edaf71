import { describe, expect, it } from 'vitest';
import { findRetiredWords, parseRetiredWords } from './retired-words.ts';

const LIST = '# a comment\n\\bfoos?\\b\tbar\n=\\bBaz\\b\tname the subject\n';

describe('the list of retired words', () => {
  const words = parseRetiredWords(LIST);

  it('leaves out comments and empty lines', () => {
    expect(words.map(({ replacement }) => replacement)).toEqual(['bar', 'name the subject']);
  });

  it('names the line, the word and its replacement', () => {
    expect(findRetiredWords('one\ntwo Foos here', words)).toEqual(['2: "Foos", use bar']);
  });

  it('is case-sensitive only where a line begins with "="', () => {
    expect(findRetiredWords('the baz is here', words)).toEqual([]);
    expect(findRetiredWords('FOO. Baz is here', words)).toHaveLength(2);
  });

  it('does not find a word inside another', () => {
    expect(findRetiredWords('food', words)).toEqual([]);
  });

  it('refuses a line without a replacement', () => {
    expect(() => parseRetiredWords('foo bar\n')).toThrow('foo bar');
  });
});
