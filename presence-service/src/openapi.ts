import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PresenceController } from './presence/presence.controller.js';
import { PresenceService } from './presence/presence.service.js';

export const OPEN_API = { title: 'presence-service', description: 'The presence of users, and when they were last seen', version: '1.0' };

/** The description of the REST API, made from the controllers alone: nothing has to run. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  @Module({ controllers: [PresenceController], providers: [{ provide: PresenceService, useValue: {} }] })
  class RoutesModule {}

  const app = await NestFactory.create(RoutesModule, new FastifyAdapter(), { logger: false });
  const { title, description, version } = OPEN_API;
  const document = new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth().build();
  const openApi = SwaggerModule.createDocument(app, document);
  await app.close();
  return openApi;
}
