import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '@chat/shared/auth';
import type { Paginated, SecurityEvent } from '@chat/shared/contracts';
import { PageQuery } from '@chat/shared/http';
import { AuditEventPageDto } from './audit-log.dto.js';
import { AuditLogService } from './audit-log.service.js';

@ApiTags('audit log')
@Controller('auth')
export class AuditLogController {
  constructor(private readonly auditLog: AuditLogService) {}

  @ApiOperation({ summary: 'The audit log of the current user: sign-ins, new devices, wrong codes, changes.' })
  @Get('security-events')
  @ApiBearerAuth()
  @ApiOkResponse({ type: AuditEventPageDto })
  list(@CurrentUser() user: AuthenticatedUser, @Query() query: PageQuery): Promise<Paginated<SecurityEvent>> {
    return this.auditLog.list(user, query);
  }
}
