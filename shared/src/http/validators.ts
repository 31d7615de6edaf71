import { registerDecorator, type ValidationOptions } from 'class-validator';

// A NUL cannot be stored by PostgreSQL as text.
const NUL = '\0';

/** The reason why a text is not valid, as the end of a sentence (`must be text`), or undefined. Lengths are in code points. */
export function validateText(value: unknown, { min = 0, max }: { min?: number; max: number }): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  if (value.includes(NUL)) return 'must not contain a NUL character';
  if (!value.isWellFormed()) return 'must not contain half of a surrogate pair';
  // Code points are never more than code units, so most texts need no counting.
  const length = value.length < min || value.length <= max ? value.length : countCodePoints(value);
  if (value.length > max && length > max) return `must be at most ${max} characters long`;
  if (value.length < min || (min > 0 && value.length < min * 2 && countCodePoints(value) < min))
    return `must be at least ${min} character${min === 1 ? '' : 's'} long`;
  return undefined;
}

function countCodePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) if (text.codePointAt(i)! > 0xffff) i++;
  return count;
}

/** Text of `min` (default 0) to `max` code points, well-formed, without NUL. It is stored as it is typed; for names see `IsName`. */
export function IsText(bounds: { max: number; min?: number }, options?: ValidationOptions): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isText',
      target: target.constructor,
      propertyName: String(propertyName),
      ...(options ? { options } : {}),
      validator: {
        validate: (value: unknown) => validateText(value, bounds) === undefined,
        defaultMessage: (args) => `${args!.property} ${validateText(args!.value, bounds) ?? 'is not valid'}`,
      },
    });
}
