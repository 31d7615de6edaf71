import { EventPattern } from '@nestjs/microservices';
import type { EventType } from '../events/index.js';
import type { EventContext } from './event-context.js';
import type { ReceivedEvent } from './received-event.js';

type EventHandlerDecorator<T extends EventType> = (
  target: object,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<(event: ReceivedEvent<T>, context: EventContext) => Promise<void>>,
) => void;

/** Nest's `@EventPattern` for our events: the method takes `@Payload() event: ReceivedEvent<T>` and `@Ctx() context: EventContext`. */
export function OnEvent<T extends EventType>(type: T): EventHandlerDecorator<T> {
  return EventPattern<string>(type);
}
