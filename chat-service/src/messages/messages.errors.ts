import { AppError } from '@chat/shared/errors';

export const messageNotFound = () => new AppError('not-found', 'message/not-found', 'There is no such message.');

/** Also for a conversation that the current user is not a member of, so that its existence is not disclosed. */
export const conversationNotFound = () => new AppError('not-found', 'conversation/not-found', 'There is no such conversation.');

export const conversationWithOneself = () => new AppError('invalid', 'conversation/with-oneself', 'receiverId must be another user.');

export const clientMessageIdReused = () =>
  new AppError('conflict', 'message/client-id-reused', 'This clientMessageId was used for another message.');

export const recipientMissing = () => new AppError('invalid', 'message/no-recipient', 'receiverId or conversationId must be given.');

export const recipientMismatch = () =>
  new AppError('invalid', 'message/recipient-mismatch', 'conversationId is not the direct conversation with receiverId.');

export const severalSeqArguments = () =>
  new AppError('invalid', 'message/several-seq-arguments', 'Only one of beforeSeq, afterSeq and aroundSeq may be given.');

export const tooManySends = () =>
  new AppError('unavailable', 'message/too-many-sends', 'More messages are coming in than can be stored. Try again in a moment.');

/** The message may or may not have been stored: only a retry with the same clientMessageId is safe. */
export const sendTimedOut = () =>
  new AppError('unavailable', 'message/timed-out', 'The message could not be stored in time. Try again with the same clientMessageId.');

export const replyTargetNotFound = () =>
  new AppError('invalid', 'message/no-reply-target', 'replyToId must be a message of the same conversation that you may see.');

export const mentionOfNoMember = () =>
  new AppError('invalid', 'message/mention-of-no-member', 'Every mentioned user must be a member of the conversation.');

/** The same for all reasons, so that nothing is disclosed about the uploads of other users. */
export const notAttachable = () =>
  new AppError(
    'invalid',
    'message/not-attachable',
    'Every attachment must be a completed upload of yours for a message that no message uses yet.',
  );

export const emptyMessage = () => new AppError('invalid', 'message/empty', 'A message without attachments needs content.');

export const notOwnMessage = () => new AppError('forbidden', 'message/not-own', 'Only the sender can edit a message.');

export const notDeletable = () =>
  new AppError('forbidden', 'message/not-deletable', 'Only the sender, and in a group an owner or admin, can delete a message.');

export const messageDeleted = () => new AppError('conflict', 'message/deleted', 'This message was deleted.');

export const tooManyEmojis = () =>
  new AppError('invalid', 'message/too-many-emojis', 'A message has at most 20 different emojis as reactions.');
