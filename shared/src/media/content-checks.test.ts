import { officeFiles, openDocumentFiles, zip, type ZipFile } from '@chat/testkit/zip';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkContent } from './content-checks.js';
import { BufferedContent } from './content-source.js';
import type { FileTypeName } from './file-types.js';
import { fileTypeNamed } from './file-types.js';
import { checkStatedType, typeInForm } from './type-checks.js';

const OFFICE = 'application/vnd.openxmlformats-officedocument.';
const DOCX = `${OFFICE}wordprocessingml.document` as const;
const ODT = 'application/vnd.oasis.opendocument.text';
const PDF = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n';

const check = (content: Buffer | string, type: FileTypeName) => checkContent(new BufferedContent(Buffer.from(content)), type);
const refusal = (content: Buffer | string, type: FileTypeName) =>
  check(content, type).then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  );

/** The first bytes of files, as their specifications give them. */
const box = (type: string, content: Buffer | string = '') => {
  const length = Buffer.alloc(4);
  const body = Buffer.from(content);
  length.writeUInt32BE(8 + body.length);
  return Buffer.concat([length, Buffer.from(type), body]);
};
const ogg = (first: string | Buffer) =>
  Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(20), Buffer.from([1, 30]), Buffer.from(first), Buffer.alloc(60)]);
const webm = Buffer.concat([Buffer.from('1a45dfa3874282847765626d', 'hex'), Buffer.alloc(60)]);
const mp4 = Buffer.concat([box('ftyp', 'isom\0\0\x02\0isommp41'), box('free'), Buffer.alloc(60)]);

describe('accepted', () => {
  it.each<[FileTypeName, Buffer | string]>([
    ['video/mp4', mp4],
    ['video/quicktime', Buffer.concat([box('ftyp', 'qt  \0\0\0\0qt  '), Buffer.alloc(60)])],
    ['video/webm', webm],
    ['audio/webm', webm],
    ['audio/mp4', mp4],
    ['audio/mp4', Buffer.concat([box('ftyp', 'M4A \0\0\0\0M4A '), Buffer.alloc(60)])],
    ['audio/mpeg', Buffer.concat([Buffer.from('fffb9064', 'hex'), Buffer.alloc(500)])],
    ['audio/mpeg', Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\x7f\x7f', 'latin1'), Buffer.alloc(500)])],
    ['audio/aac', Buffer.concat([Buffer.from('fff15080', 'hex'), Buffer.alloc(500)])],
    ['audio/ogg', ogg('OpusHead\x01')],
    ['audio/ogg', ogg(Buffer.from('\x01vorbis', 'latin1'))],
    ['audio/wav', Buffer.concat([Buffer.from('RIFF\x64\0\0\0WAVEfmt '), Buffer.alloc(60)])],
    ['audio/flac', Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(60)])],
    ['application/pdf', PDF],
    ['text/plain', 'Grüße, 写真 👩‍🚀\r\n\tend\f'],
    ['text/plain', '\ufeffwith a byte order mark'],
    ['text/csv', 'name,age\nAda,36\n'],
    ['text/markdown', '# Title\n\n<b>bold</b>\n'],
    [DOCX, zip(officeFiles('docx'))],
    [`${OFFICE}spreadsheetml.sheet`, zip(officeFiles('xlsx'))],
    [`${OFFICE}presentationml.presentation`, zip(officeFiles('pptx'))],
    [ODT, zip(openDocumentFiles('text'))],
    ['application/vnd.oasis.opendocument.spreadsheet', zip(openDocumentFiles('spreadsheet'))],
    ['application/vnd.oasis.opendocument.presentation', zip(openDocumentFiles('presentation'))],
    ['application/zip', zip([{ name: 'folder/a.txt', content: 'a'.repeat(1000) }])],
  ])('a file of the type %s', async (type, content) => expect(await refusal(content, type)).toBe('accepted'));

  it('types under the names of browsers, and with their parameters', () => {
    expect(fileTypeNamed('audio/webm;codecs=opus')).toBe('audio/webm');
    expect(fileTypeNamed('Audio/X-M4A')).toBe('audio/mp4');
    expect(fileTypeNamed('application/x-zip-compressed')).toBe('application/zip');
    expect(fileTypeNamed('constructor')).toBeUndefined();
  });

  it('in a form without a type, what the extension says', () => {
    expect(typeInForm('application/octet-stream', 'a.FLAC', ['audio/mpeg', 'audio/flac'])).toBe('audio/flac');
    expect(typeInForm('application/octet-stream', 'a.exe', ['audio/mpeg'])).toBe('application/octet-stream');
    expect(typeInForm('text/html', 'a.mp3', ['audio/mpeg'])).toBe('text/html');
  });
});

describe('refused before the file is there', () => {
  it.each([
    ['text/html', 'a.txt', 'file/wrong-type'],
    ['image/svg+xml', 'a.txt', 'file/wrong-type'],
    ['text/plain', 'a.html', 'file/wrong-type'],
    ['text/plain', 'a', 'file/wrong-type'],
    ['text/plain', 'txt', 'file/wrong-type'],
    ['video/mp4', 'a.mp4', 'file/wrong-type'],
    ['text/plain', 'a.heic', 'file/heic'],
  ])('%s with the name %s', (mimeType, fileName, code) => {
    const stated = { kind: 'DOCUMENT', mimeType, fileName } as const;
    expect(() => checkStatedType(stated, ['text/plain'])).toThrow(expect.objectContaining({ code }));
  });
});

describe('refused as text', () => {
  it.each<[string, Buffer | string]>([
    ['with NUL', 'a\0b'],
    ['with escape sequences for terminals', 'a\u001b[2Jb'],
    ['in another encoding', Buffer.from('Grüße', 'latin1')],
    ['in UTF-16', Buffer.from('hello', 'utf16le')],
    ['that ends within a character', Buffer.from('写').subarray(0, 2)],
    ['that is an image', Buffer.from('89504e470d0a1a0a', 'hex')],
  ])('a file %s', async (_, content) => expect(await refusal(content, 'text/plain')).toBe('file/wrong-type'));
});

describe('refused as a document', () => {
  const withPart = (changes: ZipFile[]) => zip([...officeFiles('docx'), ...changes]);
  it.each<[string, Buffer | string, FileTypeName]>([
    ['an archive', zip([{ name: 'a.txt', content: 'a' }]), DOCX],
    ['an archive', zip([{ name: 'a.txt', content: 'a' }]), ODT],
    ['another Office document', zip(officeFiles('xlsx')), DOCX],
    ['an Office document without its main part', zip(officeFiles('docx').slice(0, 2)), DOCX],
    ['a document with macros', withPart([{ name: 'word/vbaProject.bin', content: 'x' }]), DOCX],
    ['an OpenDocument file whose type is not first', zip(openDocumentFiles('text').toReversed()), ODT],
    ['an OpenDocument file whose type is compressed', zip(openDocumentFiles('text').map((file) => ({ ...file, stored: false }))), ODT],
    ['another OpenDocument file', zip(openDocumentFiles('spreadsheet')), ODT],
    ['text', 'hello', 'application/pdf'],
    ['text', 'hello', 'application/zip'],
    ['a PDF after something else', `GIF89a${PDF}`, 'application/pdf'],
    ['a PDF that is a web page', PDF.replace('1 0 obj', '<html><script>alert(1)</script>'), 'application/pdf'],
    ['a PDF that is an archive', Buffer.concat([Buffer.from(PDF), zip([{ name: 'a', content: 'a' }])]), 'application/pdf'],
    [
      'a PDF with an archive before its end',
      Buffer.concat([Buffer.from(PDF), zip([{ name: 'a', content: 'a' }]), Buffer.from('\n%%EOF\n')]),
      'application/pdf',
    ],
    ['a PDF that is not complete', PDF.slice(0, 40), 'application/pdf'],
  ])('%s', async (_, content, type) => expect(await refusal(content, type)).toMatch(/^file\/(wrong-type|broken)$/));
});

describe('refused as sound or video', () => {
  it.each<[string, Buffer | string, FileTypeName]>([
    ['another container', webm, 'video/mp4'],
    ['an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'audio/mpeg'],
    ['a web page', '<!doctype html><html></html>', 'video/webm'],
    ['a program', 'MZ\x90\0', 'audio/wav'],
    ['a video that is an archive as well', Buffer.concat([mp4, zip([{ name: 'a', content: 'a' }])]), 'video/mp4'],
    ['nothing', Buffer.alloc(0), 'video/mp4'],
  ])('%s', async (_, content, type) => expect(await refusal(content, type)).toBe('file/wrong-type'));

  it('HEIC under the name of a video, with a sentence that says so', async () => {
    expect(await refusal(Buffer.concat([box('ftyp', 'heic\0\0\0\0mif1heic'), Buffer.alloc(60)]), 'video/mp4')).toBe('file/heic');
  });
});

it('an image is no archive for programs that read it from its end', async () => {
  const jpeg = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  expect(await refusal(jpeg, 'image/jpeg')).toBe('accepted');
  expect(await refusal(Buffer.concat([jpeg, zip([{ name: 'a', content: 'a' }])]), 'image/jpeg')).toBe('file/wrong-type');
});
