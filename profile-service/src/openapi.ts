import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SignedFilesController, UPLOAD_PARTS, UploadsController } from '@chat/shared/uploads';
import { ProfileImagesController } from './profiles/profile-images.controller.js';
import { ProfileImagesService } from './profiles/profile-images.service.js';
import { ProfileSearchService } from './profiles/profile-search.service.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { ProfilesService } from './profiles/profiles.service.js';

export const OPEN_API = { title: 'profile-service', description: 'Profiles of users', version: '1.0' };

/** Builds the OpenAPI document from the controllers alone, without a database. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  const providers = [ProfilesService, ProfileImagesService, ProfileSearchService, ...UPLOAD_PARTS].map((provide) => ({
    provide,
    useValue: {},
  }));
  @Module({ controllers: [ProfilesController, ProfileImagesController, UploadsController, SignedFilesController], providers })
  class RoutesModule {}

  const app = await NestFactory.create(RoutesModule, new FastifyAdapter(), { logger: false });
  const { title, description, version } = OPEN_API;
  const document = new DocumentBuilder().setTitle(title).setDescription(description).setVersion(version).addBearerAuth().build();
  const openApi = SwaggerModule.createDocument(app, document);
  await app.close();
  return openApi;
}
