import { AppError } from '@chat/shared/errors';

export const emptySearch = () => new AppError('invalid', 'search/nothing-visible', 'query must contain a visible character.');

export const badSearchCursor = () => new AppError('invalid', 'search/bad-cursor', 'after is not a cursor of a search.');

export const searchTooBroad = (cause?: unknown) =>
  new AppError('unavailable', 'search/too-broad', 'The search took too long. Try a longer query, or one conversation.', { cause });
