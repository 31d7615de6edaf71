import { chmodSync, mkdirSync } from 'node:fs';

/** Creates a folder that only its owner can enter; one that exists becomes such a folder. */
export function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
}

/** Files that `create` makes, and all that a process that it spawns makes later, are readable for their owner only. */
export function withPrivateFiles<T>(create: () => T): T {
  const before = process.umask(0o077);
  try {
    return create();
  } finally {
    process.umask(before);
  }
}
