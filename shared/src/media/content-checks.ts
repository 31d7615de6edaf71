import { fileTypeFromBuffer } from 'file-type';
import { checkArchive, checkOfficeFile, checkOpenDocument } from './archives.js';
import type { ContentSource } from './content-source.js';
import { brokenFile, wrongType } from './content.errors.js';
import { fileTypeOf, type FileTypeName } from './file-types.js';
import { checkText } from './text-content.js';
import { checkFoundType } from './type-checks.js';
import { hasZipDirectory } from './zip-directory.js';

/** Enough for the signatures of all types. */
const HEAD_BYTES = 65_536;
/** Where readers of PDF look for its end, and programs for the beginning of a page. */
const PDF_END_BYTES = 2048;
const PAGE_BYTES = 1024;

/**
 * Throws unless the content of the file is of the stated type, and of no other type that a program might see in it. Reads the first and the last
 * 64 KB and, of an archive, its directory and one entry; of a text, everything. Rejects with `file/wrong-type`, `file/heic` or `file/broken`.
 * For images, which are decoded, use processImage.
 */
export async function checkContent(file: ContentSource, stated: FileTypeName): Promise<void> {
  const { content } = fileTypeOf(stated);
  switch (content.by) {
    case 'zip':
      await checkArchive(file);
      return;
    case 'office':
      return checkOfficeFile(file, content.mainPart);
    case 'opendocument':
      return checkOpenDocument(file, stated);
    case 'text':
      return checkText(file);
    case 'pdf':
      return checkPdf(file);
    case 'signature':
      checkFoundType((await fileTypeFromBuffer(await file.read(0, HEAD_BYTES)))?.mime, stated);
      return rejectArchive(file);
  }
}

/** Its header is at the very beginning (ISO 32000-2, 7.5.2), although readers accept it later: another type could be before it. */
async function checkPdf(file: ContentSource): Promise<void> {
  const head = (await file.read(0, PAGE_BYTES)).toString('latin1');
  if (!/^%PDF-[12]\.\d/.test(head)) throw wrongType('The content of the file is not PDF.');
  if (/<(!doctype|html|script|svg|body)/i.test(head)) throw wrongType('The file is a web page as well as PDF.');
  const end = (await file.read(Math.max(0, file.sizeBytes - PDF_END_BYTES), PDF_END_BYTES)).toString('latin1');
  if (!end.includes('%%EOF')) throw brokenFile('The PDF is not complete.');
  await rejectArchive(file);
}

async function rejectArchive(file: ContentSource): Promise<void> {
  if (await hasZipDirectory(file)) throw wrongType('The file is an archive as well.');
}
