import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ConfigClass } from '@chat/shared/config';
import { ROOT } from '../paths.ts';
import { SERVICES } from '../services.ts';

/** File names and their content. */
export type Files = Record<string, string>;

/** Generated only from shared/src/events; the build needs them. */
export async function eventFiles(): Promise<Files> {
  const { generateEvents } = await import('../../shared/src/events/generate-event-types.ts');
  const { TOPICS, EVENT_TOPICS } = await import('../../shared/src/events/catalogue.ts');
  const { types, schemas, docs } = generateEvents(path.join(ROOT, 'shared/src/events/schemas'), TOPICS, EVENT_TOPICS);
  return {
    'shared/src/events/event-types.generated.ts': types,
    'shared/src/events/event-schemas.generated.ts': schemas,
    'docs/events.md': docs,
  };
}

/** The variables of the services, their OpenAPI documents, the GraphQL schema: from the built product. */
export async function filesOfTheBuiltProduct(): Promise<Files> {
  const { configurationDocument, exampleEnvironment } = await import('@chat/shared/config');
  const files: Files = {};
  const configs: Record<string, ConfigClass> = {};
  for (const { name } of SERVICES) {
    configs[name] = await configClassOf(name);
    if (name === 'api-gateway') {
      const { emitSchema } = await builtModule<{ emitSchema(): Promise<string> }>(name, 'emit-schema');
      files[`${name}/schema.graphql`] = await emitSchema();
    } else {
      const { buildOpenApi } = await builtModule<{ buildOpenApi(): Promise<object> }>(name, 'openapi');
      files[`${name}/openapi.json`] = `${JSON.stringify(await buildOpenApi(), null, 2)}\n`;
    }
  }
  return { '.env.example': exampleEnvironment(configs), 'docs/configuration.md': configurationDocument(configs), ...files };
}

/** The files whose content is not this one. */
export function outdated(files: Files, root = ROOT): string[] {
  const contentOf = (file: string) => (existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : undefined);
  return Object.keys(files).filter((file) => contentOf(file) !== files[file]);
}

/** Writes the files that are out of date; a new modification time of the others would cause a build. */
export function write(files: Files, root = ROOT): void {
  for (const file of outdated(files, root)) {
    writeFileSync(path.join(root, file), files[file] ?? '');
    console.log(`wrote ${file}`);
  }
}

/** The class in a service's config.ts that describes PORT. */
async function configClassOf(service: string): Promise<ConfigClass> {
  const { describeConfig } = await import('@chat/shared/config');
  const classes = Object.values(await builtModule<Record<string, ConfigClass>>(service, 'config'));
  const found = classes.find((one) => typeof one === 'function' && describeConfig(one).some(({ name }) => name === 'PORT'));
  if (!found) throw new Error(`${service}/src/config.ts exports no config class with PORT`);
  return found;
}

async function builtModule<T>(service: string, file: string): Promise<T> {
  return (await import(path.join(ROOT, service, 'dist', `${file}.js`))) as T;
}
