import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';
import { emailAsTyped } from './account-names.js';

/** An e-mail address of at most 254 octets. The field contains it as its owner spells it, unlike `IsEmailAddress` of shared. */
export function IsEmailAsTyped(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (emailAsTyped(value) ?? value) : value)),
    (target: object, propertyName: string | symbol) =>
      registerDecorator({
        name: 'isEmailAsTyped',
        target: target.constructor,
        propertyName: String(propertyName),
        validator: { validate: isEmailAddress, defaultMessage: (args) => `${args!.property} must be an e-mail address` },
      }),
  );
}

export function isEmailAddress(value: unknown): value is string {
  return typeof value === 'string' && emailAsTyped(value) !== null;
}
