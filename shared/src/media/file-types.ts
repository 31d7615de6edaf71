import type { MediaKind } from '../contracts/index.js';

/**
 * How the content of a type is recognised. `signature`: by its first bytes, which the package file-type must find to be one of `found`.
 * `office`: by the content type of the main part that [Content_Types].xml of an Office file names. `opendocument`: by the entry `mimetype`.
 */
export type Recognition =
  { by: 'signature'; found: readonly string[] } | { by: 'office'; mainPart: string } | { by: 'opendocument' | 'zip' | 'pdf' | 'text' };

/** A type of files. */
export interface FileType {
  kinds: readonly MediaKind[];
  /** Without the dot. The first one is the usual one. */
  extensions: readonly string[];
  content: Recognition;
}

const signature = (...found: string[]): Recognition => ({ by: 'signature', found });
const office = (application: string, part: string): Recognition => ({
  by: 'office',
  mainPart: `application/vnd.openxmlformats-officedocument.${application}.${part}.main+xml`,
});

const IMAGE = ['IMAGE'] as const;
const VIDEO = ['VIDEO'] as const;
const SOUND = ['AUDIO', 'VOICE_MESSAGE'] as const;
const DOCUMENT = ['DOCUMENT'] as const;

/** All types that can be accepted, by the name under which they are delivered. The settings FILES_…_TYPES choose among them. */
export const FILE_TYPES = {
  'image/jpeg': { kinds: IMAGE, extensions: ['jpg', 'jpeg', 'jfif'], content: signature('image/jpeg') },
  // An animated PNG, of which the first picture is kept, has a type of its own.
  'image/png': { kinds: IMAGE, extensions: ['png'], content: signature('image/png', 'image/apng') },
  'image/gif': { kinds: IMAGE, extensions: ['gif'], content: signature('image/gif') },
  'image/webp': { kinds: IMAGE, extensions: ['webp'], content: signature('image/webp') },
  'image/avif': { kinds: IMAGE, extensions: ['avif'], content: signature('image/avif') },

  'video/mp4': { kinds: VIDEO, extensions: ['mp4', 'm4v'], content: signature('video/mp4', 'video/x-m4v') },
  'video/quicktime': { kinds: VIDEO, extensions: ['mov', 'qt'], content: signature('video/quicktime') },
  'video/webm': { kinds: VIDEO, extensions: ['webm'], content: signature('video/webm') },

  'audio/mpeg': { kinds: SOUND, extensions: ['mp3'], content: signature('audio/mpeg') },
  // The container is the same with and without pictures; browsers write the general brand for a recording of sound.
  'audio/mp4': { kinds: SOUND, extensions: ['m4a', 'mp4'], content: signature('audio/x-m4a', 'audio/mp4', 'video/mp4') },
  'audio/aac': { kinds: SOUND, extensions: ['aac'], content: signature('audio/aac') },
  'audio/ogg': { kinds: SOUND, extensions: ['ogg', 'oga', 'opus'], content: signature('audio/ogg', 'audio/ogg; codecs=opus') },
  'audio/webm': { kinds: SOUND, extensions: ['webm', 'weba'], content: signature('video/webm', 'audio/webm') },
  'audio/wav': { kinds: SOUND, extensions: ['wav'], content: signature('audio/wav') },
  'audio/flac': { kinds: SOUND, extensions: ['flac'], content: signature('audio/flac') },

  'application/pdf': { kinds: DOCUMENT, extensions: ['pdf'], content: { by: 'pdf' } },
  'text/plain': { kinds: DOCUMENT, extensions: ['txt', 'text', 'log'], content: { by: 'text' } },
  'text/csv': { kinds: DOCUMENT, extensions: ['csv'], content: { by: 'text' } },
  'text/markdown': { kinds: DOCUMENT, extensions: ['md', 'markdown'], content: { by: 'text' } },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    kinds: DOCUMENT,
    extensions: ['docx'],
    content: office('wordprocessingml', 'document'),
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    kinds: DOCUMENT,
    extensions: ['xlsx'],
    content: office('spreadsheetml', 'sheet'),
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    kinds: DOCUMENT,
    extensions: ['pptx'],
    content: office('presentationml', 'presentation'),
  },
  'application/vnd.oasis.opendocument.text': { kinds: DOCUMENT, extensions: ['odt'], content: { by: 'opendocument' } },
  'application/vnd.oasis.opendocument.spreadsheet': { kinds: DOCUMENT, extensions: ['ods'], content: { by: 'opendocument' } },
  'application/vnd.oasis.opendocument.presentation': { kinds: DOCUMENT, extensions: ['odp'], content: { by: 'opendocument' } },
  'application/zip': { kinds: DOCUMENT, extensions: ['zip'], content: { by: 'zip' } },
} as const satisfies Record<string, FileType>;

/** The name of a type, such as `image/jpeg`. */
export type FileTypeName = keyof typeof FILE_TYPES;

type OfKind<T extends MediaKind> = {
  [Name in FileTypeName]: T extends (typeof FILE_TYPES)[Name]['kinds'][number] ? Name : never;
}[FileTypeName];

/** The types of images. */
export type ImageType = OfKind<'IMAGE'>;

/** Other names under which browsers and systems know a type. */
const ALIASES: Record<string, FileTypeName> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'video/x-m4v': 'video/mp4',
  'audio/mp3': 'audio/mpeg',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/aacp': 'audio/aac',
  'audio/x-aac': 'audio/aac',
  'audio/opus': 'audio/ogg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'application/x-pdf': 'application/pdf',
  'application/csv': 'text/csv',
  'text/x-markdown': 'text/markdown',
  'application/x-zip-compressed': 'application/zip',
};

/** The types that a file of the kind can have. */
export function typesOfKind(kind: MediaKind): FileTypeName[] {
  return (Object.keys(FILE_TYPES) as FileTypeName[]).filter((name) => fileTypeOf(name).kinds.includes(kind));
}

/** The description of a type. */
export const fileTypeOf = (name: FileTypeName): FileType => FILE_TYPES[name];

/** The type that a client means: without parameters, such as `codecs` of a recording, and under the name of the table. Undefined if there is none. */
export function fileTypeNamed(stated: string): FileTypeName | undefined {
  const name = (stated.split(';')[0] as string).trim().toLowerCase();
  return Object.hasOwn(FILE_TYPES, name) ? (name as FileTypeName) : Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
}
