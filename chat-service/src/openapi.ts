import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ConversationsController } from './conversations/conversations.controller.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { MessagesController } from './messages/messages.controller.js';
import { MessagesService } from './messages/messages.service.js';

export const OPEN_API = { title: 'chat-service', description: 'Conversations, members, messages and receipts', version: '1.0' };

/** The controllers alone: their services are not called. */
@Module({
  controllers: [ConversationsController, MessagesController],
  providers: [
    { provide: ConversationsService, useValue: {} },
    { provide: MessagesService, useValue: {} },
  ],
})
class DocumentedRoutes {}

/** The REST API as a document, built without any infrastructure. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  const app = await NestFactory.create<NestFastifyApplication>(DocumentedRoutes, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const { title, description, version } = OPEN_API;
  const document = new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth();
  return SwaggerModule.createDocument(app, document.build());
}
