import { IsId } from '@chat/shared/http';
import { ArgsType, Field, ID } from '@nestjs/graphql';
import { IsBoolean } from 'class-validator';
import { PageArgs } from '../graphql/pages.js';

@ArgsType()
export class NotificationsArgs extends PageArgs {
  @IsBoolean()
  @Field(() => Boolean, { defaultValue: false })
  unreadOnly: boolean;
}

@ArgsType()
export class MarkNotificationArgs {
  @IsId()
  @Field(() => String)
  notificationId: string;
}

@ArgsType()
export class NotificationArgs {
  @IsId()
  @Field(() => ID)
  notificationId: string;
}
