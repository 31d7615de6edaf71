import type { NotificationPage } from '@chat/shared/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { NotificationView } from './notification.view.js';

/** For the description of the API. */
export class NotificationPageView implements NotificationPage {
  @ApiProperty({ type: [NotificationView] })
  data: NotificationView[];

  @ApiProperty({ description: 'Follows unreadOnly' })
  total: number;

  @ApiProperty()
  page: number;

  @ApiProperty()
  limit: number;

  @ApiProperty({ description: 'Follows unreadOnly' })
  totalPages: number;

  @ApiProperty({ description: 'Does not follow unreadOnly' })
  unreadCount: number;
}
