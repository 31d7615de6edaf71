import { AppError } from '@chat/shared/errors';

export const notAGroup = () =>
  new AppError('forbidden', 'conversation/not-a-group', 'A direct conversation keeps its two members, and has no title and no roles.');

export const tooManyMembers = (max: number) =>
  new AppError('invalid', 'conversation/too-many-members', `A group has at most ${max} members.`);

export const memberNotFound = () => new AppError('not-found', 'conversation/member-not-found', 'The group has no such member.');

export const onlyOwner = () =>
  new AppError('conflict', 'conversation/only-owner', 'The only owner of a group keeps this role until there is another owner.');
