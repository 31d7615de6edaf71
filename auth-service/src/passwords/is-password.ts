import { registerDecorator } from 'class-validator';

interface Bounds {
  min: number;
  max: number;
}

/**
 * Any text of so many code points; other than what is stored as text, it may hold a NUL. Half a surrogate pair is refused, as it has no
 * bytes to be compared.
 */
export function IsPassword({ min, max }: Bounds): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isPassword',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && value.isWellFormed() && isWithin(value, { min, max }),
        defaultMessage: (args) => `${args!.property} must be text of ${min} to ${max} characters`,
      },
    });
}

function isWithin(text: string, { min, max }: Bounds): boolean {
  // A code point has two code units at most: what is far too long is not taken apart.
  if (text.length > max * 2) return false;
  const { length } = [...text];
  return length >= min && length <= max;
}
