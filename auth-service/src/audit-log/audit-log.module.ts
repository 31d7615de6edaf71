import { Module } from '@nestjs/common';
import { AuditLogCleanup } from './audit-log-cleanup.js';
import { AuditLogController } from './audit-log.controller.js';
import { AuditLogService } from './audit-log.service.js';

@Module({
  controllers: [AuditLogController],
  providers: [AuditLogService, AuditLogCleanup],
  exports: [AuditLogService],
})
export class AuditLogModule {}
