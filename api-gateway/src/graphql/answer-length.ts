import { AppError } from '@chat/shared/errors';

/** UTF-16 code units. A page of 100 messages of the greatest length has less than a quarter of them. */
export const MAX_ANSWER_CHARACTERS = 8_000_000;

/** About the length of the JSON of an answer. Values that are the same object count each time. Ends as soon as the answer is too long. */
export function answerLength(answer: unknown): number {
  const rest = [answer];
  let length = 0;
  while (rest.length > 0 && length <= MAX_ANSWER_CHARACTERS) {
    const value = rest.pop();
    if (typeof value === 'string') length += value.length + 3;
    else if (typeof value !== 'object' || value === null) length += 6;
    else
      for (const name in value) {
        length += name.length + 4;
        rest.push((value as Record<string, unknown>)[name]);
      }
  }
  return length;
}

/** To write a longer answer would occupy the gateway for seconds. */
export const answerTooLong = () =>
  new AppError('too-large', 'operation/answer-too-long', 'The answer is too long. Select less, or smaller pages.');
