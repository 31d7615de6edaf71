import { invalidInput } from '@chat/shared/http';
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';

/** An id in the path, in lower case as the database writes it. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, { data = 'id' }: ArgumentMetadata): string {
    if (!isUUID(value, 'all')) throw invalidInput([{ field: data, message: `${data} must be an id` }]);
    return value.toLowerCase();
  }
}

/** For `@Transform`: ids in lower case; what is no text stays as it is and is refused. */
export function toLowerCaseIds({ value }: { value: unknown }): unknown {
  if (Array.isArray(value)) return value.map((id: unknown) => toLowerCaseIds({ value: id }));
  return typeof value === 'string' ? value.toLowerCase() : value;
}
