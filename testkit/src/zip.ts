import { crc32, deflateRawSync } from 'node:zlib';

/** A file in an archive. */
export interface ZipFile {
  /** As bytes: in another encoding than UTF-8. */
  name: string | Buffer;
  content: string | Buffer;
  /** Not compressed, as the first entry of an OpenDocument file. */
  stored?: boolean;
  /** What the archive states instead of the real size. */
  statedBytes?: number;
}

/** An archive of these files, in this order. */
export function zip(files: ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false, statedBytes } of files) {
    const plain = Buffer.from(content);
    const data = stored ? plain : deflateRawSync(plain);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(plain), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(statedBytes ?? plain.length, 18);
    fields.writeUInt16LE(Buffer.from(name).length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  return Buffer.concat([...locals, ...directory, zipEnd(files.length, Buffer.concat(directory).length, offset)]);
}

/** The end record of an archive. */
export function zipEnd(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}

const OFFICE_PARTS = {
  docx: ['wordprocessingml.document', 'word/document.xml'],
  xlsx: ['spreadsheetml.sheet', 'xl/workbook.xml'],
  pptx: ['presentationml.presentation', 'ppt/presentation.xml'],
} as const;

/** The files of an Office document. */
export function officeFiles(extension: keyof typeof OFFICE_PARTS): ZipFile[] {
  const [type, part] = OFFICE_PARTS[extension];
  const mainType = `application/vnd.openxmlformats-officedocument.${type}.main+xml`;
  const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${part}" ContentType="${mainType}"/></Types>`;
  return [
    { name: '[Content_Types].xml', content: types },
    { name: '_rels/.rels', content: '<Relationships/>' },
    { name: part, content: '<document/>' },
  ];
}

/** The files of an OpenDocument file; `type`: `text`, `spreadsheet` or `presentation`. */
export function openDocumentFiles(type: string): ZipFile[] {
  return [
    { name: 'mimetype', content: `application/vnd.oasis.opendocument.${type}`, stored: true },
    { name: 'content.xml', content: '<office:document-content/>' },
  ];
}
