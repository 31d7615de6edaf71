import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { printSchema } from 'graphql';
import { SCHEMA_OPTIONS } from './graphql/graphql.options.js';
import { RESOLVERS } from './resolvers.js';

/** The SDL of everything the gateway offers; needs nothing to be running. `schema.graphql` in this package is its committed copy. */
export async function emitSchema(): Promise<string> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  try {
    const schema = await app.get(GraphQLSchemaFactory).create(RESOLVERS, { ...SCHEMA_OPTIONS });
    return `# Made by emit-schema.ts from the classes of this package. Do not edit.\n\n${printSchema(schema)}\n`;
  } finally {
    await app.close();
  }
}
