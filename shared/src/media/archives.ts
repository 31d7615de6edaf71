import type { ContentSource } from './content-source.js';
import { brokenFile, wrongType } from './content.errors.js';
import { readZipDirectory, readZipEntry, type ZipEntry } from './zip-directory.js';

/** What an archive may unpack to, as it states: this much, or this multiple of its own size. */
const UNPACKED_BYTES = 100 * 2 ** 20;
const UNPACKED_RATIO = 100;

/** Entries that a program would write outside of the folder into which it unpacks the archive. */
const LEAVES_FOLDER = /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\0/i;
/** Programs that an Office file runs when it is opened. */
const MACROS = /(^|\/)vbaProject\.bin$/i;

/** Throws unless this is an archive that is safe to unpack: no paths that leave the folder, no multiple of its size. Archives inside are not opened. */
export async function checkArchive(file: ContentSource): Promise<ZipEntry[]> {
  const entries = await readZipDirectory(file);
  const unpacked = entries.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  if (unpacked > UNPACKED_BYTES && unpacked > UNPACKED_RATIO * file.sizeBytes)
    throw brokenFile(`The archive unpacks to more than ${UNPACKED_RATIO} times its size.`);
  if (entries.some(({ name }) => LEAVES_FOLDER.test(name))) throw brokenFile('The archive has files outside of its folder.');
  return entries;
}

/** Throws unless this is an Office file (ECMA-376, part 2) with such a main part, and without macros. */
export async function checkOfficeFile(file: ContentSource, mainPart: string): Promise<void> {
  const entries = await checkArchive(file);
  const names = new Set(entries.map(({ name }) => name));
  const types = entries.find(({ name }) => name === '[Content_Types].xml');
  if (!types || !names.has('_rels/.rels')) throw wrongType('The file is an archive, but not an Office document.');
  const xml = (await readZipEntry(file, types)).toString('utf8');
  const overrides = [...xml.matchAll(/<(?:\w+:)?Override\s([^<>]*)>/g)].map(([, attributes]) => attributes as string);
  const main = overrides.find((attributes) => attributeOf(attributes, 'ContentType') === mainPart);
  const part = main && attributeOf(main, 'PartName')?.replace(/^\//, '');
  if (!part || !names.has(part)) throw wrongType('The file is an archive or an Office document of another type than stated.');
  if (entries.some(({ name }) => MACROS.test(name))) throw wrongType('Office documents with macros are not accepted.');
}

/** Throws unless this is an OpenDocument file (part 2, 3.3) of the type: its first entry is the type, not compressed. */
export async function checkOpenDocument(file: ContentSource, mimeType: string): Promise<void> {
  const entries = await checkArchive(file);
  const mark = entries.find(({ name }) => name === 'mimetype');
  const isMarked = mark?.offset === 0 && mark.method === 0 && (await readZipEntry(file, mark)).toString('latin1').trim() === mimeType;
  if (!isMarked || !entries.some(({ name }) => name === 'content.xml'))
    throw wrongType('The file is an archive or an OpenDocument file of another type than stated.');
}

function attributeOf(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1];
}
