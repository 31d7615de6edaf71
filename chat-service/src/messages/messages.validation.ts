import type { SendMessageRequest } from '@chat/shared/contracts';
import { canonicalId, type InputProblem, invalidInput, validateText } from '@chat/shared/http';
import { Injectable, type PipeTransform } from '@nestjs/common';

export const MAX_CONTENT_CHARACTERS = 8000;
export const MAX_CLIENT_MESSAGE_ID_CHARACTERS = 64;

const FIELDS = new Set(['receiverId', 'conversationId', 'content', 'clientMessageId']);
/** A visible character: no white space, no control or format character, none that is drawn as nothing. */
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Validates the body of a send, for REST and RPC alike: plain functions, as this is the busiest entry point. Throws BAD_USER_INPUT with all
 * problems. The ids are returned in their canonical form.
 */
export function validateSendMessage(body: unknown): SendMessageRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidInput([{ field: '', message: 'the body must be an object' }]);
  const { receiverId, conversationId, content, clientMessageId } = body as Record<string, unknown>;
  const problems: InputProblem[] = [];
  const check = (field: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push({ field, message: `${field} ${problem}` });
  };

  for (const field in body) if (!FIELDS.has(field)) check(field.slice(0, 200), 'is not known');
  const ids = { receiverId: optionalId(receiverId), conversationId: optionalId(conversationId) };
  for (const [field, id] of Object.entries(ids)) if (id === null) check(field, 'must be an id');
  check('content', validateContent(content));
  if (clientMessageId !== undefined && clientMessageId !== null)
    check('clientMessageId', validateText(clientMessageId, { min: 1, max: MAX_CLIENT_MESSAGE_ID_CHARACTERS }));
  if (problems.length > 0) throw invalidInput(problems);

  return {
    receiverId: ids.receiverId ?? undefined,
    conversationId: ids.conversationId ?? undefined,
    content: content as string,
    clientMessageId: (clientMessageId ?? undefined) as string | undefined,
  };
}

/** Undefined if it is not given, null if it is not an id. */
function optionalId(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? canonicalId(value) : null;
}

function validateContent(value: unknown): string | undefined {
  const problem = validateText(value, { min: 1, max: MAX_CONTENT_CHARACTERS });
  return problem ?? (VISIBLE.test(value as string) ? undefined : 'must contain a visible character');
}

@Injectable()
export class SendMessagePipe implements PipeTransform<unknown, SendMessageRequest> {
  transform(body: unknown): SendMessageRequest {
    return validateSendMessage(body);
  }
}
