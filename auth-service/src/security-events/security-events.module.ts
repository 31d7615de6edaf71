import { Module } from '@nestjs/common';
import { SecurityEventsController } from './security-events.controller.js';
import { SecurityEventsService } from './security-events.service.js';
import { SecurityLogSweeper } from './security-log-sweeper.js';
import { SecurityLogService } from './security-log.service.js';

@Module({
  controllers: [SecurityEventsController],
  providers: [SecurityEventsService, SecurityLogService, SecurityLogSweeper],
  exports: [SecurityEventsService],
})
export class SecurityEventsModule {}
