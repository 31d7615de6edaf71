import { Module } from '@nestjs/common';
import { SecurityEventsController } from './security-events.controller.js';
import { SecurityEventsService } from './security-events.service.js';
import { SecurityLogService } from './security-log.service.js';

@Module({
  controllers: [SecurityEventsController],
  providers: [SecurityEventsService, SecurityLogService],
  exports: [SecurityEventsService],
})
export class SecurityEventsModule {}
