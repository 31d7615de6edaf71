import { SetMetadata } from '@nestjs/common';

export const DURING_SETUP = 'chat:during-setup';

/** This route, or operation of the gateway, is also for accounts that must set up a second factor first, where their tokens are taken at all. */
export const DuringSetup = (): MethodDecorator => SetMetadata(DURING_SETUP, true);
