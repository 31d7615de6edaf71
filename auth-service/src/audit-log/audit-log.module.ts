import { Module } from '@nestjs/common';
import { AuditLogController } from './audit-log.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditLogCleanup } from './audit-log-cleanup.js';
import { AuditLogReader } from './audit-log-reader.js';

@Module({
  controllers: [AuditLogController],
  providers: [AuditLog, AuditLogReader, AuditLogCleanup],
  exports: [AuditLog],
})
export class AuditLogModule {}
