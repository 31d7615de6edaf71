import { AppError } from '@chat/shared/errors';

/** For both of the two users: it does not say whether one has blocked the other, or which one. */
export const userNotReachable = () => new AppError('forbidden', 'user/not-reachable', 'You cannot reach this user.');

export const blockingOneself = () => new AppError('invalid', 'block/oneself', 'userId must be another user.');

export const tooManyBlocks = (max: number) => new AppError('conflict', 'block/too-many', `A user can block at most ${max} users.`);
