// A small service as its own process, from the compiled code: forked by process.test.ts.
import { Controller, Get, Module } from '@nestjs/common';
import { bootstrapService } from '@chat/shared/bootstrap';
import { CommonConfig, loadConfig } from '@chat/shared/config';

class SlowController {
  async slow() {
    process.send({ type: 'in flight' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { done: true };
  }
}
Controller()(SlowController);
Get('slow')(SlowController.prototype, 'slow', Object.getOwnPropertyDescriptor(SlowController.prototype, 'slow'));

class FixtureModule {}
Module({ controllers: [SlowController] })(FixtureModule);

const config = Object.assign(loadConfig(CommonConfig), { port: Number(process.argv[2]) });
await bootstrapService({ name: 'fixture', module: FixtureModule, config });
