import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError } from '../errors/index.js';

/** The reason why one field of the input is not valid. */
export interface InputProblem {
  field: string;
  message: string;
}

/** The validation pipe of every handler: it rejects unknown fields, and lists all problems at once. */
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
  const shown = problems.slice(0, 20);
  return new AppError('invalid', 'request/invalid', shown.map(({ message }) => message).join('; '), { details: { problems: shown } });
}

function problemsOf(error: ValidationError, parent: string): InputProblem[] {
  const field = (parent === '' ? error.property : `${parent}.${error.property}`).slice(0, 200);
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message: message.slice(0, 300) }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, field))];
}
