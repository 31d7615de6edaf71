import { AppError } from '../errors/index.js';

const again = (seconds: number) => ({ details: { retryAfterSeconds: Math.max(1, Math.ceil(seconds)) } });

export const uploadNotFound = () => new AppError('not-found', 'upload/not-found', 'There is no such upload.');
export const ticketExpired = () =>
  new AppError('forbidden', 'upload/expired', 'The ticket of this upload has expired. Create another upload.');
export const alreadyCompleted = () => new AppError('conflict', 'upload/completed', 'This upload is completed already.');
export const notReceived = () =>
  new AppError('invalid', 'upload/not-received', 'The file has not arrived yet. Send it, then complete the upload.');
export const notCompleted = () => new AppError('invalid', 'upload/not-completed', 'This upload is not completed yet.');
export const wrongPurpose = () => new AppError('invalid', 'upload/wrong-purpose', 'This file was uploaded for another purpose.');
export const beingChecked = () =>
  new AppError('conflict', 'upload/being-checked', 'This upload is being checked. Try again in a moment.', again(2));
export const infectedFile = () =>
  new AppError('invalid', 'file/infected', 'This file contains malware, so it is not accepted. Check your device.');
export const replacedByRetry = () => new AppError('conflict', 'upload/replaced', 'The file is being sent again.');
export const lengthMissing = () =>
  new AppError('invalid', 'upload/length-missing', 'The header Content-Length must say how many bytes the file has.');

export const tooManyTickets = (seconds: number) =>
  new AppError(
    'rate-limited',
    'upload/too-many-tickets',
    'You have too many uploads that are not completed. Complete them, or wait.',
    again(seconds),
  );

export const dailyQuotaExceeded = (seconds: number) =>
  new AppError('rate-limited', 'upload/daily-quota', 'You have uploaded as much as is allowed on one day.', again(seconds));

export const totalQuotaExceeded = () =>
  new AppError('conflict', 'upload/total-quota', 'Your files would take more space than you may use. Delete some of them first.');

export const tooManyTransfers = () =>
  new AppError('rate-limited', 'upload/too-many-transfers', 'Too many files are being sent at once. Try again in a moment.', again(5));

export const checksBusy = () =>
  new AppError('unavailable', 'upload/busy', 'Too many files are being checked at present. Try again in a moment.', again(10));
