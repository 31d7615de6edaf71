const PART = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const KEY = new RegExp(`^[a-z]{1,20}/${PART}/${PART}(-[a-z]{1,20})?$`);

/**
 * The key of a file: a folder for each service and owner, and a name that we choose. Nothing that a client sends is part of it, so no
 * name of a file leads to another folder. `variant`, such as `small`, keeps files of one id apart.
 */
export function storageKey(folder: string, ownerId: string, fileId: string, variant?: string): string {
  return checkedKey(`${folder}/${ownerId}/${fileId}${variant === undefined ? '' : `-${variant}`}`);
}

/** The owner and the id of a file of this folder and variant, by its key; null for any other text. */
export function ownerAndFileOf(folder: string, key: string, variant: string): { ownerId: string; fileId: string } | null {
  const [, ownerId = '', fileId = ''] = new RegExp(`^${folder}/(${PART})/(${PART})-${variant}$`).exec(key) ?? [];
  return fileId === '' ? null : { ownerId, fileId };
}

/** The key, if it is one; a mistake of the program otherwise. */
export function checkedKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`not the key of a file: ${JSON.stringify(key)}`);
  return key;
}
