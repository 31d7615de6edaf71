import { AppError } from '@chat/shared/errors';

/** Also for a conversation that the caller is not in: one cannot be told from the other. */
export const conversationNotFound = () => new AppError('not-found', 'conversation/not-found', 'There is no such conversation.');

export const conversationWithOneself = () =>
  new AppError('invalid', 'conversation/with-oneself', 'receiverId must be another person than oneself.');
