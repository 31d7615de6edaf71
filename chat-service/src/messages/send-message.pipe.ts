import type { SendMessageRequest } from '@chat/shared/contracts';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { readSendMessage } from './send-message.rules.js';

/** The rules of the send port, in front of the REST route. */
@Injectable()
export class SendMessagePipe implements PipeTransform<unknown, SendMessageRequest> {
  transform(body: unknown): SendMessageRequest {
    return readSendMessage(body);
  }
}
