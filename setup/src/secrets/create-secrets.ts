import path from 'node:path';
import { UsageError } from '@chat/shared/cli';
import { finishFolder, prepareBase, prepareFolder, readSecret, setOwner, syncFolder, writeSecret } from './private-files.js';
import { FOLDER_OWNERS, SECRETS } from './secret-list.js';

/** What createSecrets has done. */
export interface CreatedSecrets {
  /** The new files, as <folder>/<file>. */
  created: string[];
  kept: number;
  /** Files that exist, and do not agree with the others. */
  notes: string[];
}

/**
 * Creates the secrets that are missing below a folder. It never changes a value that exists: a missing copy gets the value of the other
 * file. A file appears with its whole content or not at all, so that a later call completes one that was interrupted. When it returns,
 * everything is on the disk, so that a crash cannot lose what a database uses already. Calls at the same time agree on the values.
 * For root, the folders and files belong to the users of the containers; otherwise to the user of this process.
 */
export function createSecrets(dir: string, isRoot = process.getuid?.() === 0): CreatedSecrets {
  const result: CreatedSecrets = { created: [], kept: 0, notes: [] };
  const ownerOf = (file: string) => (isRoot ? FOLDER_OWNERS[path.posix.dirname(file)] : undefined);
  const folders = Object.keys(FOLDER_OWNERS);
  prepareBase(dir, isRoot);
  for (const folder of folders) prepareFolder(path.join(dir, folder), isRoot ? FOLDER_OWNERS[folder] : undefined);

  const values = new Map<string, string>();
  const valueOf = (file: string) => values.get(file)!;
  for (const { files, create, isDerived = false } of SECRETS) {
    const found = files.flatMap((file) => {
      const value = readSecret(path.join(dir, file));
      return value === undefined ? [] : [{ file, value }];
    });
    let value = isDerived ? derive(() => create(valueOf), files) : (found[0]?.value ?? create(valueOf));
    for (const { file, value: existing } of found) {
      if (!contains(existing, value)) result.notes.push(noteOn(file, isDerived));
      setOwner(path.join(dir, file), ownerOf(file));
    }
    for (const file of files.filter((name) => !found.some((one) => one.file === name))) {
      const present = writeSecret(path.join(dir, file), value, ownerOf(file));
      if (present === value) result.created.push(file);
      else result.kept++;
      value = present;
    }
    for (const file of files) values.set(file, found.find((one) => one.file === file)?.value ?? value);
    result.kept += found.length;
  }
  for (const folder of folders) finishFolder(path.join(dir, folder));
  syncFolder(dir);
  return result;
}

function derive(create: () => string, [file]: string[]): string {
  try {
    return create();
  } catch {
    throw new UsageError(`${file} cannot be made: the INTERNAL_SIGNING_KEY of a service is not an Ed25519 private key (PKCS#8 in base64).`);
  }
}

/** An operator may have added users or keys to a list, one in each line or after each comma. */
function contains(existing: string, value: string): boolean {
  return value.split(/[\n,]/).every((part) => existing.includes(part.trim()));
}

function noteOn(file: string, isDerived: boolean): string {
  const others = isDerived ? 'the secrets from which it is made' : 'the other file that has it';
  return `${file} does not agree with ${others}. It was left as it is. If this is not intended, delete it and run this again.`;
}
