// Imports nothing of this folder, so that scripts can use it before the first build.
import { randomBytes } from 'node:crypto';

/** 256 random bits, of characters that need no quotes in a URL, a shell or a configuration file. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
