import { AppError } from '@chat/shared/errors';

export const notPermitted = (action: string) =>
  new AppError('forbidden', 'conversation/not-permitted', `Your role in this conversation does not allow this: ${action}.`);
