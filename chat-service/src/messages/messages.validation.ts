import type { EditMessageRequest, SendMessageRequest } from '@chat/shared/contracts';
import { canonicalId, type InputProblem, invalidInput, validateText } from '@chat/shared/http';
import { Injectable, type PipeTransform } from '@nestjs/common';

export const MAX_CONTENT_CHARACTERS = 8000;
export const MAX_CLIENT_MESSAGE_ID_CHARACTERS = 64;
export const MAX_MENTIONS = 100;
export const MAX_ATTACHMENTS = 10;

const SEND_FIELDS = new Set(['receiverId', 'conversationId', 'content', 'attachmentIds', 'replyToId', 'mentions', 'clientMessageId']);
const EDIT_FIELDS = new Set(['content']);
/** A visible character: no white space, no control or format character, none that is drawn as nothing. */
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Validates the body of a send, for REST and RPC alike: plain functions, as this is the busiest entry point. Throws BAD_USER_INPUT with all
 * problems. The ids are returned in their canonical form.
 */
export function validateSendMessage(body: unknown): SendMessageRequest {
  const { fields, check, finish } = startValidation(body, SEND_FIELDS);
  const { content, clientMessageId } = fields;
  const ids = { receiverId: optionalId(fields.receiverId), conversationId: optionalId(fields.conversationId) };
  const replyToId = optionalId(fields.replyToId);
  for (const [field, id] of Object.entries({ ...ids, replyToId })) if (id === null) check(field, 'must be an id');
  const mentions = optionalIds(fields.mentions, MAX_MENTIONS);
  if (mentions === null) check('mentions', `must be a list of at most ${MAX_MENTIONS} ids`);
  const attachmentIds = optionalIds(fields.attachmentIds, MAX_ATTACHMENTS);
  if (attachmentIds === null) check('attachmentIds', `must be a list of at most ${MAX_ATTACHMENTS} ids`);
  const mayBeEmpty = attachmentIds !== undefined && attachmentIds?.length !== 0;
  if (!mayBeEmpty || !isNoContent(content)) check('content', validateContent(content));
  if (clientMessageId !== undefined && clientMessageId !== null)
    check('clientMessageId', validateText(clientMessageId, { min: 1, max: MAX_CLIENT_MESSAGE_ID_CHARACTERS }));
  finish();

  return {
    receiverId: ids.receiverId ?? undefined,
    conversationId: ids.conversationId ?? undefined,
    content: (content ?? undefined) as string | undefined,
    attachmentIds: attachmentIds ?? undefined,
    replyToId: replyToId ?? undefined,
    mentions: mentions ?? undefined,
    clientMessageId: (clientMessageId ?? undefined) as string | undefined,
  };
}

/** Validates the body of an edit, by the same rules. The content may be empty. */
export function validateEditMessage(body: unknown): EditMessageRequest {
  const { fields, check, finish } = startValidation(body, EDIT_FIELDS);
  // Of a message with attachments, which the service knows.
  if (fields.content !== '') check('content', validateContent(fields.content));
  finish();
  return { content: fields.content as string };
}

interface Validation {
  fields: Record<string, unknown>;
  check(field: string, problem: string | undefined): void;
  /** Throws BAD_USER_INPUT if there was a problem. */
  finish(): void;
}

function startValidation(body: unknown, known: Set<string>): Validation {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidInput([{ field: '', message: 'the body must be an object' }]);
  const problems: InputProblem[] = [];
  const check = (field: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push({ field, message: `${field} ${problem}` });
  };
  for (const field in body) if (!known.has(field)) check(field.slice(0, 200), 'is not known');
  const finish = () => {
    if (problems.length > 0) throw invalidInput(problems);
  };
  return { fields: body as Record<string, unknown>, check, finish };
}

/** Undefined if it is not given, null if it is not an id. */
function optionalId(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? canonicalId(value) : null;
}

/** Each id once; undefined if they are not given, null if one is not an id, or there are too many. */
function optionalIds(value: unknown, max: number): string[] | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length > max) return null;
  const ids = value.map((id) => (typeof id === 'string' ? canonicalId(id) : null));
  return ids.every((id) => id !== null) ? [...new Set(ids)] : null;
}

const isNoContent = (value: unknown) => value === undefined || value === null || value === '';

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

@Injectable()
export class EditMessagePipe implements PipeTransform<unknown, EditMessageRequest> {
  transform(body: unknown): EditMessageRequest {
    return validateEditMessage(body);
  }
}
