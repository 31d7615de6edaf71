import type { DynamicModule, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { CommonConfig } from '../config/index.js';
import type { HealthChecks } from '../observability/index.js';
import type { OpenApiMeta } from './open-api.js';
import type { StreamedBodies } from './streamed-bodies.js';

/** The parts of a service that exist before its application. */
export interface BootstrapDeps {
  logger: Logger;
  health: HealthChecks;
  /** Connected and migrated; undefined for a service without a database. */
  dataSource?: DataSource;
}

type RootModule = Type | DynamicModule;

/** What `bootstrapService` needs to know of a service. */
export interface BootstrapOptions {
  /** The name of the service in its log lines. */
  name: string;
  /** The root module, or a function that creates it once the database is ready. */
  module: Type | ((deps: BootstrapDeps) => RootModule | Promise<RootModule>);
  config: CommonConfig & { port: number };
  /** From `createDataSource`, not connected. The service waits for it, migrates and connects it, checks it for readiness, and closes it at the end. */
  dataSource?: DataSource;
  /** Runs after the database is ready, before the application is created. */
  before?: (deps: BootstrapDeps) => void | Promise<void>;
  /** Runs before the application initialises: more Fastify plugins, hooks, CORS. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Documents the REST routes at /docs and /docs-json, if API_DOCS says so. */
  openApi?: OpenApiMeta;
  /** Event consumers that start with the application and stop before its pools close. */
  strategies?: (app: NestFastifyApplication) => CustomTransportStrategy[];
  bodyLimitBytes?: number;
  /** Routes that read their bodies as streams; none by default. */
  streamedBodies?: StreamedBodies;
  /** The proxies whose `x-forwarded-for` is trusted, as in the option of Fastify; none by default. */
  trustProxy?: boolean | string | string[];
  /** Whether the service handles signals and ends the process; true by default, except in a test runner. */
  handleSignals?: boolean;
}
