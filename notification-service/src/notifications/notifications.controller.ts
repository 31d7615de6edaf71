import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Notification, NotificationPage } from '@chat/shared/contracts';
import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotificationIdParams } from './notification-id.params.js';
import { NotificationPageView } from './notification-page.view.js';
import { NotificationView } from './notification.view.js';
import { NotificationsQuery } from './notifications.dto.js';
import { NotificationsService } from './notifications.service.js';
import { UnreadCountView } from './unread-count.view.js';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @ApiOperation({ summary: "The caller's notifications, newest first" })
  @ApiOkResponse({ type: NotificationPageView })
  list(@CurrentUser() caller: AuthenticatedUser, @Query() query: NotificationsQuery): Promise<NotificationPage> {
    return this.notifications.list(caller.userId, query);
  }

  @Get('unread-count')
  @ApiOperation({ summary: 'How many notifications the caller has not read' })
  @ApiOkResponse({ type: UnreadCountView })
  async countUnread(@CurrentUser() caller: AuthenticatedUser): Promise<UnreadCountView> {
    return { count: await this.notifications.countUnread(caller.userId) };
  }

  @Patch(':id/read')
  @ApiOperation({ summary: 'Marks one as read; one that is read already stays so' })
  @ApiOkResponse({ type: NotificationView })
  markRead(@CurrentUser() caller: AuthenticatedUser, @Param() { id }: NotificationIdParams): Promise<Notification> {
    return this.notifications.markRead(caller.userId, id);
  }

  @Post('mark-all-read')
  @HttpCode(204)
  @ApiOperation({ summary: 'Marks all as read' })
  @ApiNoContentResponse()
  markAllRead(@CurrentUser() caller: AuthenticatedUser): Promise<void> {
    return this.notifications.markAllRead(caller.userId);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes one for good' })
  @ApiNoContentResponse()
  delete(@CurrentUser() caller: AuthenticatedUser, @Param() { id }: NotificationIdParams): Promise<void> {
    return this.notifications.delete(caller.userId, id);
  }
}
