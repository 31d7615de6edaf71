import { officeFiles, zip, zipEnd } from '@chat/testkit/zip';
import { describe, expect, it } from 'vitest';
import { checkArchive, checkOfficeFile } from './archives.js';
import { BufferedContent } from './content-source.js';

const refusal = (check: Promise<unknown>) =>
  check.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  );

it('an archive with names in another encoding than UTF-8 is accepted', async () => {
  const names = ['Müller Übersicht.txt', 'Größe.txt'].map((name) => Buffer.from(name, 'latin1'));
  const content = zip(names.map((name) => ({ name, content: '', stored: true })));
  expect(await refusal(checkArchive(new BufferedContent(content)))).toBe('accepted');
});

describe('refused as an archive', () => {
  const plain = zip([{ name: 'a', content: 'a' }]);
  it.each<[string, Buffer]>([
    ['one with something before it', Buffer.concat([Buffer.from('#!/bin/sh\n'), plain])],
    ['one with something behind it', Buffer.concat([plain, Buffer.from('more')])],
    ['an empty one', zipEnd(0, 0, 0)],
    ['one that states more files than it has', Buffer.concat([plain.subarray(0, -22), zipEnd(65_535, plain.length - 54, 32)])],
    ['one whose directory is outside', Buffer.concat([plain.subarray(0, -22), zipEnd(1, 0xffff_fff0, 32)])],
    ['one that unpacks to a multiple of its size', zip([{ name: 'a', content: 'a', statedBytes: 4_000_000_000 }])],
    ['a path to the folder above', zip([{ name: '../../etc/passwd', content: 'a' }])],
    ['a path to the folder above, with backslashes', zip([{ name: 'a\\..\\..\\b', content: 'a' }])],
    ['a path from the root', zip([{ name: '/etc/passwd', content: 'a' }])],
    ['a path to a drive', zip([{ name: 'C:\\a', content: 'a' }])],
    ['files that share their bytes', sharedBytes()],
  ])('%s', async (_, content) => expect(await refusal(checkArchive(new BufferedContent(content)))).toBe('file/broken'));

  it('a document that unpacks to more than it states, of which at most 1 MB is unpacked', async () => {
    const files = officeFiles('docx');
    const bomb = zip([{ ...files[0]!, content: ' '.repeat(50_000_000), statedBytes: 100 }, ...files.slice(1)]);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(checkOfficeFile(new BufferedContent(bomb), 'any'))).toBe('file/broken');
  });
});

/** Two entries of the directory for the same bytes, as in archives that unpack to millions of times their size. */
function sharedBytes(): Buffer {
  const one = zip([{ name: 'a', content: 'a'.repeat(100) }]);
  const directoryOffset = one.indexOf('PK\x01\x02');
  const entry = one.subarray(directoryOffset, -22);
  return Buffer.concat([one.subarray(0, directoryOffset), entry, entry, zipEnd(2, 2 * entry.length, directoryOffset)]);
}
