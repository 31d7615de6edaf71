import { OMIT_MEMBERS } from '@chat/shared/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Whether the conversations of the answer are to have no members: the header `Prefer: omit=members`. */
export const OmitsMembers = createParamDecorator(
  (_data: unknown, context: ExecutionContext): boolean =>
    context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['prefer'] === OMIT_MEMBERS,
);
