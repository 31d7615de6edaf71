import { applyDecorators, type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { registerDecorator, type ValidationArguments, type ValidationOptions } from 'class-validator';
import { canonicalCode, canonicalEmail, canonicalId, canonicalName, canonicalPassword, usernameAsTyped } from './canonical.js';
import { invalidInput } from './validation.pipe.js';
import { validateText } from './validators.js';

/*
 * Decorators that bring a field into its canonical form and validate it in one step, so that every entry point applies the same rule.
 * They need a ValidationPipe with `transform: true`, such as createValidationPipe().
 */

/** An e-mail address; the field contains `canonicalEmail` of it. */
export function IsEmailAddress(options?: ValidationOptions): PropertyDecorator {
  return canonicalField('isEmailAddress', canonicalEmail, () => 'must be an e-mail address', options);
}

/** A user name; the field contains it as its owner spells it. It is unique by `canonicalUsername`. */
export function IsUsername(options?: ValidationOptions): PropertyDecorator {
  return canonicalField('isUsername', usernameAsTyped, () => 'must be 3 to 32 characters of A-Z a-z 0-9 . _ -', options);
}

/** A name or another display text of one line, of at most `max` code points; with `allowEmpty`, white space alone becomes ''. */
export function IsName({ max, allowEmpty = false }: { max: number; allowEmpty?: boolean }, options?: ValidationOptions): PropertyDecorator {
  const canonical = (text: string) => (allowEmpty && text.trim() === '' ? '' : within(canonicalName(text), { max }));
  return canonicalField('isName', canonical, (value) => complaintAboutName(value, max), options);
}

/** A one-time or recovery code of at most `max` characters without its separators; the field contains `canonicalCode` of it. */
export function IsCode({ max }: { max: number }, options?: ValidationOptions): PropertyDecorator {
  return canonicalField(
    'isCode',
    (text) => within(canonicalCode(text), { max }),
    () => 'must be a code of letters and digits',
    options,
  );
}

/** A password of `min` to `max` code points in NFC. It is hashed, not stored as text, so it may contain a NUL. */
export function IsPassword({ min, max }: { min: number; max: number }, options?: ValidationOptions): PropertyDecorator {
  const canonical = (text: string) => within(canonicalPassword(text), { min, max });
  return canonicalField('isPassword', canonical, () => `must be text of ${min} to ${max} characters`, options);
}

/** An id, a UUID of any version, in lower case as PostgreSQL writes it. With `{ each: true }`, a list of ids. */
export function IsId(options?: ValidationOptions): PropertyDecorator {
  return canonicalField('isId', canonicalId, () => 'must be an id', options);
}

/** An id in the path, in lower case: `@Param('userId', IdPipe) userId: string`. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: unknown, { data = 'id' }: ArgumentMetadata): string {
    const id = typeof value === 'string' ? canonicalId(value) : null;
    if (id === null) throw invalidInput([{ field: data, message: `${data} must be an id` }]);
    return id;
  }
}

/** The decorator of a field whose valid values are the fixed points of `canonical`, which must be idempotent. */
function canonicalField(
  name: string,
  canonical: (text: string) => string | null,
  complaint: (value: unknown) => string,
  options?: ValidationOptions,
): PropertyDecorator {
  const transform = (value: unknown): unknown => (typeof value === 'string' ? (canonical(value) ?? value) : value);
  const register: PropertyDecorator = (target, propertyName) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      ...(options ? { options } : {}),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && canonical(value) === value,
        defaultMessage: (args?: ValidationArguments) =>
          `${options?.each ? 'each value in ' : ''}${args?.property ?? name} ${complaint(args?.value)}`,
      },
    });
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (options?.each && Array.isArray(value) ? value.map(transform) : transform(value))),
    register,
  );
}

function within(text: string | null, bounds: { min?: number; max: number }): string | null {
  // Whether NUL is allowed is decided by the canonical form, not by the bounds.
  return text !== null && validateText(text.replaceAll('\0', ' '), bounds) === undefined ? text : null;
}

function complaintAboutName(value: unknown, max: number): string {
  return validateText(value, { min: 1, max }) ?? 'must show something, without control characters and bidirectional overrides';
}
