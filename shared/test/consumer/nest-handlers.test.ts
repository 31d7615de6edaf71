import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentContext, runInContext, silentLog } from '../../src/observability/index.js';
import type { EventType } from '../../src/events/index.js';
import { createValidationPipe, ProblemFilter } from '../../src/http/index.js';
import { DeadLetters, EventContext, KafkaEventsStrategy, type ReceivedEvent } from '../../src/consumer/index.js';
import { eventually } from '../../src/testing/index.js';
import { writeEffect } from '../kit/event-database.js';
import { GROUP, TOPIC, World } from '../kit/event-world.js';
import { log } from '../kit/log.js';
import { appendMessages, conversation, oneTo } from '../kit/messages.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

const fault: { next: ((seq: number) => Error | undefined) | undefined } = { next: undefined };
const correlationIds: (string | undefined)[] = [];

@Controller()
class MessagesListener {
  @EventPattern<EventType>('MessageCreated')
  async keepMessage(@Payload() event: ReceivedEvent<'MessageCreated'>, @Ctx() context: EventContext): Promise<void> {
    correlationIds.push(currentContext()?.correlationId);
    await writeEffect(context.manager, event);
    const error = fault.next?.(event.payload.seq);
    if (error) throw error;
  }
}

@Module({ controllers: [MessagesListener] })
class ListenerModule {}

describe.each([{ inheritAppConfig: true }, { inheritAppConfig: false }])('handlers of a Nest application, %o', ({ inheritAppConfig }) => {
  it('are called in order, within the transaction, with the correlation id; their errors decide between retry and dead letter', async () => {
    const app = await NestFactory.create(ListenerModule, new FastifyAdapter(), { logger: false });
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(new ProblemFilter(silentLog));
    const strategy = new KafkaEventsStrategy({
      group: GROUP,
      topics: [TOPIC],
      kafka: world.config,
      dataSource: world.dataSource,
      logger: log,
    });
    app.connectMicroservice({ strategy }, { inheritAppConfig });
    world.atEnd(app, (one) => one.close());
    await app.startAllMicroservices();
    world.relay();

    let deadlocks = 2;
    fault.next = (seq) => {
      if (seq === 3 && deadlocks-- > 0) return Object.assign(new Error('deadlock detected'), { code: '40P01' });
      return seq === 5 ? new Error('never') : undefined;
    };
    correlationIds.length = 0;
    const correlationId = randomUUID();
    const messages = conversation(8);
    await runInContext({ correlationId }, () => world.dataSource.transaction((manager) => appendMessages(manager, ...messages)));

    await eventually(async () => expect(await world.effects()).toHaveLength(7));
    expect((await world.effects()).map((effect) => effect.seq)).toEqual(oneTo(8).filter((seq) => seq !== 5));
    expect(new Set(correlationIds)).toEqual(new Set([correlationId]));
    const letters = world.atEnd(new DeadLetters(world.config, GROUP, log), (one) => one.close());
    await eventually(async () => expect((await letters.list()).map((letter) => letter.reason)).toEqual(['Error: never']));
  });
});
