import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { FeedController } from './feed/feed.controller.js';
import { FeedReplay } from './feed/replay.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { NotificationsService } from './notifications/notifications.service.js';

export const OPEN_API = { title: 'notification-service', description: 'The delivery feed and the notifications', version: '1.0' };

/** The description of the REST API, made from the controllers alone: nothing has to run. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  @Module({
    controllers: [FeedController, NotificationsController],
    providers: [
      { provide: FeedReplay, useValue: {} },
      { provide: NotificationsService, useValue: {} },
    ],
  })
  class RoutesModule {}

  const app = await NestFactory.create(RoutesModule, new FastifyAdapter(), { logger: false });
  const { title, description, version } = OPEN_API;
  const document = new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth().build();
  const openApi = SwaggerModule.createDocument(app, document);
  await app.close();
  return openApi;
}
