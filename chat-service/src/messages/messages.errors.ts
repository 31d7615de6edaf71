import { AppError } from '@chat/shared/errors';

export const messageNotFound = () => new AppError('not-found', 'message/not-found', 'There is no such message.');

export const clientMessageIdReused = () =>
  new AppError('conflict', 'message/client-id-reused', 'This clientMessageId was used for another message.');

export const addresseeMissing = () => new AppError('invalid', 'message/no-addressee', 'receiverId or conversationId must be given.');

export const addresseesDiffer = () =>
  new AppError('invalid', 'message/addressees-differ', 'receiverId and conversationId do not belong together.');

export const severalSeqArguments = () =>
  new AppError('invalid', 'message/several-seq-arguments', 'Only one of beforeSeq, afterSeq and aroundSeq may be given.');

export const tooManySends = () =>
  new AppError('unavailable', 'message/too-many-sends', 'More messages are coming in than can be stored. Try again in a moment.');

/** The message may or may not have been stored: only a retry with the same clientMessageId is safe. */
export const sendTimedOut = () =>
  new AppError('unavailable', 'message/timed-out', 'The message could not be stored in time. Try again with the same clientMessageId.');
