import { AppError } from '../errors/index.js';

const MAX_DEPTH = 32;
/** Members of an object: class-transformer compares each with all others. */
const MAX_MEMBERS = 500;
const MAX_VALUES = 20_000;

/**
 * Throws BAD_USER_INPUT for a parsed JSON body that is nested more deeply, or has more values, than any request: class-transformer and
 * class-validator call themselves for each level, and take a time that grows with the square of the members of an object.
 */
export function checkBodyShape(body: unknown): void {
  let level = [body];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw unusualBody('is nested too deeply');
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      const items: unknown[] = Array.isArray(item) ? item : Object.values(item);
      values += items.length;
      if (values > MAX_VALUES || (!Array.isArray(item) && items.length > MAX_MEMBERS)) throw unusualBody('has too many values');
      for (const one of items) if (typeof one === 'object') next.push(one);
    }
    level = next;
  }
}

function unusualBody(why: string): AppError {
  return new AppError('invalid', 'request/invalid', `The body ${why}.`);
}
