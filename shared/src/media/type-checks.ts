import type { MediaKind } from '../contracts/index.js';
import { fileTypeNamed, fileTypeOf, type FileTypeName } from './file-types.js';
import { wrongType, heicNotAccepted } from './content.errors.js';

const HEIC = /^image\/hei[cf]/;
/** What programs state of a file of which they know nothing. */
const UNKNOWN = 'application/octet-stream';

/** What a client states of a file. */
export interface StatedFile {
  kind: MediaKind;
  mimeType: string;
  fileName: string;
}

/**
 * The type that the client states, by its name in the table of types. Throws unless it is one of `accepted`, and the name of the file has an
 * extension of it.
 */
export function checkStatedType({ kind, mimeType, fileName }: StatedFile, accepted: readonly FileTypeName[]): FileTypeName {
  const extension = extensionOf(fileName);
  if (HEIC.test(mimeType) || extension === 'heic' || extension === 'heif') throw heicNotAccepted();
  const type = fileTypeNamed(mimeType);
  if (type === undefined || !accepted.includes(type)) throw wrongType(`A file of the kind ${kind} must be one of ${accepted.join(', ')}.`);
  const { extensions } = fileTypeOf(type);
  if (!extensions.includes(extension))
    throw wrongType(`The name of a file of the type ${type} must end with .${extensions.join(' or .')}.`);
  return type;
}

/** Throws unless the content has the type that was stated. `found`: the type that the content has, if it is known. */
export function checkFoundType(found: string | undefined, stated: FileTypeName): void {
  if (found !== undefined && HEIC.test(found)) throw heicNotAccepted();
  const { content } = fileTypeOf(stated);
  if (found !== undefined && content.by === 'signature' && content.found.includes(found)) return;
  throw wrongType(found === undefined ? `The content of the file is not ${stated}.` : `The file is ${found}, not ${stated}.`);
}

/** The type of a file in a form: programs that do not know a type state `application/octet-stream`, and the extension says what it is. */
export function typeInForm(mimeType: string, fileName: string, accepted: readonly FileTypeName[]): string {
  if (mimeType !== UNKNOWN) return mimeType;
  return accepted.find((type) => fileTypeOf(type).extensions.includes(extensionOf(fileName))) ?? mimeType;
}

/** The name of a file that was encoded as another type. */
export function withExtension(fileName: string, type: FileTypeName): string {
  return fileName.replace(/\.[^.]+$/, `.${fileTypeOf(type).extensions[0]}`);
}

function extensionOf(fileName: string): string {
  return /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
}
