import { isEmail, registerDecorator } from 'class-validator';

const MAX_LENGTH = 254;
/** Within quotes an address may hold white space and line ends, which have no business in the header of a mail. */
const PLAIN = /^[^\s"]+$/;

/** An e-mail address of at most 254 characters, without quotes. */
export function IsEmailAddress(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isEmailAddress',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: { validate: isEmailAddress, defaultMessage: (args) => `${args!.property} must be an e-mail address` },
    });
}

export function isEmailAddress(value: unknown): value is string {
  // The check of class-validator throws at half a surrogate pair, so it comes last.
  return typeof value === 'string' && value.length <= MAX_LENGTH && value.isWellFormed() && PLAIN.test(value) && isEmail(value);
}
