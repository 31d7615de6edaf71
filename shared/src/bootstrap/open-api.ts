import 'reflect-metadata';
import { type InjectionToken, Module, type Type } from '@nestjs/common';
import { PARAMTYPES_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The head of the OpenAPI document of a service. */
export interface OpenApiMeta {
  title: string;
  description?: string;
  /** 1.0 by default. */
  version?: string;
}

/**
 * The OpenAPI document of these controllers, without any infrastructure: Nest's preview mode constructs no class, so the dependencies of the
 * controllers are only named; `more` are the dependencies of their guards and pipes. `bootstrapService` serves the document of the running
 * application (its option `openApi`).
 */
export async function openApiDocument(meta: OpenApiMeta, controllers: Type[], more: InjectionToken[] = []): Promise<OpenAPIObject> {
  const tokens = new Set([...controllers.flatMap(dependenciesOf), ...more]);

  @Module({ controllers, providers: [...tokens].map((provide) => ({ provide, useValue: {} })) })
  class DocumentedModule {}

  const app = await NestFactory.create<NestFastifyApplication>(DocumentedModule, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return SwaggerModule.createDocument(app, headOf(meta));
}

/** Serves the document of the application's routes: /docs for a browser, /docs-json for programs. */
export function serveOpenApi(app: NestFastifyApplication, meta: OpenApiMeta): void {
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, headOf(meta)), { jsonDocumentUrl: 'docs-json' });
}

function headOf({ title, description, version = '1.0' }: OpenApiMeta): Omit<OpenAPIObject, 'paths'> {
  const head = new DocumentBuilder().setTitle(title).setVersion(version).addBearerAuth();
  if (description) head.setDescription(description);
  return head.build();
}

/** The injection tokens of a constructor: the types of its parameters, and what `@Inject()` names instead. */
function dependenciesOf(controller: Type): InjectionToken[] {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, controller) ?? []) as InjectionToken[];
  const named = (Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, controller) ?? []) as { index: number; param: InjectionToken }[];
  return types.map((type, index) => named.find((one) => one.index === index)?.param ?? type);
}
