import { Worker } from 'node:worker_threads';
import type { MediaKind } from '../contracts/index.js';
import type { ContentSource } from './content-source.js';
import { brokenFile } from './content.errors.js';
import type { FileTypeName } from './file-types.js';

/** What is known of a video or an audio file. */
export interface MediaFacts {
  /** Null if the container does not tell. */
  durationSeconds: number | null;
  /** In pixels, as a player shows it; null without pictures. */
  width: number | null;
  height: number | null;
  /** Of a voice message: the loudness of 64 parts, integers from 0 to 100. Null for a codec that is not decoded. */
  waveform: number[] | null;
}

const CONTAINERS = {
  'video/mp4': 'mp4',
  'video/quicktime': 'quicktime',
  'video/webm': 'webm',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'mp4',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
} as const satisfies Partial<Record<FileTypeName, string>>;

/** A type of videos or audio files. */
export type MediaType = keyof typeof CONTAINERS;

/** What a worker reads. */
export type Container = (typeof CONTAINERS)[MediaType];

/** What a worker is to do. */
export interface InspectionTask {
  container: Container;
  sizeBytes: number;
  isVideo: boolean;
  waveform: boolean;
}

/** What a worker sends: that it has started, that it needs a part of the file, what it knows so far, or that there is nothing to know. */
export type InspectionMessage =
  { isReady: true } | { block: number; start: number; length: number } | { facts: MediaFacts; isLast?: boolean } | { broken: string };

/** A worker that computes for longer, all in all and without waiting for the storage, is ended: what it knows counts. */
const READING_MS = 700;
/** The same for the waveform. */
const DECODING_MS = 3000;
/** Until a worker has loaded its modules, on a machine with much to do. */
const START_MS = 10_000;
/** All in all, with the storage: less than the time of a check. */
const INSPECTION_MS = 12_000;
/** The most that is read of a file: the whole of an audio file, and what a video needs that has its index at one place. */
const MAX_READ_BYTES = 32 * 2 ** 20;
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };
const SCRIPT = new URL(`./media-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Of a file that has none of these. */
export const UNKNOWN_FACTS: MediaFacts = { durationSeconds: null, width: null, height: null, waveform: null };

/** Whether inspectMedia reads files of the type. */
export const isMediaType = (type: FileTypeName): type is MediaType => Object.hasOwn(CONTAINERS, type);

/**
 * Reads the container of a video or an audio file in a thread of its own, which has a limit of time, of memory and of what it reads. Rejects
 * with `file/broken` if it is not the container that it seems to be, or has no picture or sound; what cannot be known within the limits is null.
 */
export async function inspectMedia(file: ContentSource, type: MediaType, kind: MediaKind): Promise<MediaFacts> {
  const task: InspectionTask = {
    container: CONTAINERS[type],
    sizeBytes: file.sizeBytes,
    isVideo: kind === 'VIDEO',
    waveform: kind === 'VOICE_MESSAGE',
  };
  const worker = new Worker(SCRIPT, { workerData: task, resourceLimits: LIMITS, stderr: true, stdout: true });
  try {
    return await run(worker, file);
  } finally {
    await worker.terminate();
  }
}

function run(worker: Worker, file: ContentSource): Promise<MediaFacts> {
  const { promise, resolve, reject } = Promise.withResolvers<MediaFacts>();
  let known: MediaFacts | null = null;
  let readBytes = 0;
  let reading = 0;
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => resolve(known ?? UNKNOWN_FACTS);
  let [computingSince, computingMs] = [performance.now(), START_MS];
  const compute = (): void => {
    clearTimeout(timer);
    computingSince = performance.now();
    timer = setTimeout(giveUp, Math.max(1, computingMs));
  };
  const pause = (): void => {
    clearTimeout(timer);
    computingMs -= performance.now() - computingSince;
  };
  const computeFor = (ms: number): void => {
    computingMs = ms;
    compute();
  };
  const read = async (block: number, start: number, length: number): Promise<void> => {
    readBytes += length;
    if (readBytes > MAX_READ_BYTES) return giveUp();
    if (reading++ === 0) pause();
    // A copy of its own, which the worker takes over: no garbage of large files in this thread.
    const bytes = new Uint8Array(await file.read(start, length));
    worker.postMessage({ block, bytes }, [bytes.buffer]);
    if (--reading === 0) compute();
  };
  worker.on('message', (message: InspectionMessage) => {
    if ('isReady' in message) return computeFor(READING_MS);
    if ('block' in message) return void read(message.block, message.start, message.length).catch(reject);
    if ('broken' in message) return known ? giveUp() : reject(brokenFile(`The file cannot be played: ${message.broken}.`));
    const { facts, isLast } = message;
    // Only the waveform is missing.
    if (facts.durationSeconds !== null && known?.durationSeconds === null) computeFor(DECODING_MS);
    known = facts;
    if (isLast) resolve(facts);
  });
  // Such as one that needs more memory than it may have.
  worker.on('error', giveUp);
  worker.on('exit', giveUp);
  compute();
  const deadline = setTimeout(giveUp, INSPECTION_MS);
  return promise.finally(() => {
    clearTimeout(timer);
    clearTimeout(deadline);
  });
}
