import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError, shortened } from '../errors/index.js';

/** The reason why one field of the input is not valid. */
export interface InputProblem {
  field: string;
  message: string;
}

/** The answer to bad input is short. */
const MAX_PROBLEMS = 10;

/** The validation pipe of every handler: it rejects unknown fields, and lists the problems at once, at most ten. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => invalidInput(errors.flatMap((error) => problemsOf(error, ''))),
  });
}

/** BAD_USER_INPUT that lists its problems in `details.problems`. */
export function invalidInput(problems: InputProblem[]): AppError {
  // Names and messages contain what the client sent.
  const shown = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ field, message }) => ({ field: shortened(field, 100), message: shortened(message) }));
  return new AppError('invalid', 'request/invalid', shortened(shown.map(({ message }) => message).join('; ')), {
    details: { problems: shown },
  });
}

function problemsOf(error: ValidationError, parent: string): InputProblem[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, field))];
}
