import { Controller, Module } from '@nestjs/common';
import { type CustomTransportStrategy, EventPattern, Payload, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { AuthModule } from '../src/auth/index.js';
import { bootstrapService } from '../src/bootstrap/index.js';
import { RedisConfig } from '../src/config/index.js';
import { testInfra } from '../src/testing/index.js';
import { configOf } from './kit/http.js';

class CapturingStrategy extends Server implements CustomTransportStrategy {
  listening = false;

  listen(callback: () => void): void {
    this.listening = true;
    callback();
  }

  close(): void {
    this.listening = false;
  }

  on(): void {}

  unwrap<T>(): T {
    return this as unknown as T;
  }
}

describe('an event handler', () => {
  it('needs no token, and its strategy receives the same error that it throws', async () => {
    const failure = new Error('the handler failed');

    @Controller()
    class EventsController {
      @EventPattern('Happened')
      happened(@Payload() event: { fails: boolean }) {
        if (event.fails) throw failure;
        return event;
      }
    }
    @Module({
      imports: [AuthModule.forRoot(configOf(), RedisConfig.fromUrl(testInfra().redisUrl), { service: 'chat-service' })],
      controllers: [EventsController],
    })
    class EventsModule {}

    const strategy = new CapturingStrategy();
    const service = await bootstrapService({ name: 'events', module: EventsModule, config: configOf(), strategies: () => [strategy] });
    expect(strategy.listening).toBe(true);
    const handler = strategy.getHandlerByPattern('Happened')!;
    const run = async (event: unknown) => {
      const result: unknown = await handler(event, {});
      return isObservable(result) ? lastValueFrom(result) : result;
    };
    await expect(run({ fails: true })).rejects.toBe(failure);
    expect(await run({ fails: false, extra: 1 })).toEqual({ fails: false, extra: 1 });
    await service.stop();
    expect(strategy.listening).toBe(false);
  });
});
