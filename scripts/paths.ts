import path from 'node:path';

export const ROOT = path.dirname(import.meta.dirname);

/** What was downloaded, and can be again. CHAT_CACHE_DIR chooses another folder, for example one that several clones share. */
export const CACHE_DIR = path.resolve(process.env.CHAT_CACHE_DIR || path.join(ROOT, '.cache'));

/** The data of `npm start`: databases, logs, secrets. CHAT_DATA_DIR chooses another folder. */
export const DATA_DIR = path.resolve(process.env.CHAT_DATA_DIR || path.join(ROOT, '.data'));
