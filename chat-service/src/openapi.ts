import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ConversationsController } from './conversations/conversations.controller.js';
import { MessagesController } from './messages/messages.controller.js';

export const OPEN_API = { title: 'chat-service', description: 'Conversations, members, messages and receipts', version: '1.0' };

@Module({ controllers: [ConversationsController, MessagesController] })
class DocumentedRoutes {}

/** The REST API as a document, made without any infrastructure: in preview mode nothing is instantiated. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  const app = await NestFactory.create<NestFastifyApplication>(DocumentedRoutes, new FastifyAdapter(), { preview: true, logger: false });
  const { title, description, version } = OPEN_API;
  return SwaggerModule.createDocument(
    app,
    new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth().build(),
  );
}
