import { CurrentUser, type AuthenticatedUser } from '@chat/shared/auth';
import type { Notification, NotificationPage } from '@chat/shared/contracts';
import { IdPipe } from '@chat/shared/http';
import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { NotificationPageView, NotificationsQuery, NotificationView, UnreadCountView } from './notifications.dto.js';
import { NotificationsService } from './notifications.service.js';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @ApiOperation({ summary: 'The notifications of the current user, newest first' })
  @ApiOkResponse({ type: NotificationPageView })
  list(@CurrentUser() { userId }: AuthenticatedUser, @Query() query: NotificationsQuery): Promise<NotificationPage> {
    return this.notifications.list(userId, query);
  }

  @Get('unread-count')
  @ApiOperation({ summary: 'The number of unread notifications of the current user' })
  @ApiOkResponse({ type: UnreadCountView })
  async countUnread(@CurrentUser() { userId }: AuthenticatedUser): Promise<UnreadCountView> {
    return { count: await this.notifications.countUnread(userId) };
  }

  @Patch(':id/read')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({ summary: 'Marks a notification as read; no change if it is read already' })
  @ApiOkResponse({ type: NotificationView })
  markRead(@CurrentUser() { userId }: AuthenticatedUser, @Param('id', IdPipe) id: string): Promise<Notification> {
    return this.notifications.markRead(userId, id);
  }

  @Post('mark-all-read')
  @HttpCode(204)
  @ApiOperation({ summary: 'Marks all notifications as read' })
  @ApiNoContentResponse()
  markAllRead(@CurrentUser() { userId }: AuthenticatedUser): Promise<void> {
    return this.notifications.markAllRead(userId);
  }

  @Delete(':id')
  @ApiParam({ name: 'id', format: 'uuid' })
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a notification' })
  @ApiNoContentResponse()
  delete(@CurrentUser() { userId }: AuthenticatedUser, @Param('id', IdPipe) id: string): Promise<void> {
    return this.notifications.delete(userId, id);
  }
}
