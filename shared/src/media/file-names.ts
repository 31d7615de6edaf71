const MAX_CHARACTERS = 100;
/** Separators of paths, control characters, and characters that change the direction of text: `exe.gpj` may look like `jpg.exe`. */
const FORBIDDEN = /[/\\\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

/** Whether a file may have this name: 1 to 100 characters, no path, nothing that looks like another name. */
export function isFileName(value: unknown): value is string {
  if (typeof value !== 'string' || !value.isWellFormed() || value.trim() !== value) return false;
  const characters = [...value].length;
  return characters >= 1 && characters <= MAX_CHARACTERS && !FORBIDDEN.test(value) && !/^\.+$/.test(value);
}

/** The header Content-Disposition (RFC 6266) for a file name, which may contain any character: what ASCII has not is encoded. */
export function contentDisposition(type: 'inline' | 'attachment', fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${type}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
