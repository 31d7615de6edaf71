import path from 'node:path';

export const ROOT = path.dirname(import.meta.dirname);

/** What has been downloaded, and can be again. CHAT_CACHE_DIR chooses another place, for example one that several clones share. */
export const CACHE_DIR = path.resolve(process.env.CHAT_CACHE_DIR || path.join(ROOT, '.cache'));

/** The data of `npm start`: databases, logs, secrets. CHAT_DATA_DIR chooses another place. */
export const DATA_DIR = path.resolve(process.env.CHAT_DATA_DIR || path.join(ROOT, '.data'));
