import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exampleEnvironment } from './env-example.ts';
import { ROOT } from '../paths.ts';
import { SERVICES, type ServiceName } from '../services.ts';

/** File names and their content. */
type Files = Record<string, string>;

/** The generated files that are out of date. The product must be built. */
export async function generatedFileProblems(): Promise<string[]> {
  const files = { ...(await eventFiles()), ...(await filesOfTheBuiltProduct()) };
  const stale = Object.entries(files).filter(([file, text]) => !existsSync(inRoot(file)) || readFileSync(inRoot(file), 'utf8') !== text);
  return stale.map(([file]) => `${file} is out of date`);
}

export async function writeEventFiles(): Promise<void> {
  write(await eventFiles());
}

export async function writeFilesOfTheBuiltProduct(): Promise<void> {
  write(await filesOfTheBuiltProduct());
}

/** Generated only from shared/src/events. */
async function eventFiles(): Promise<Files> {
  const { generateEvents } = await import('../../shared/src/events/generate-event-types.ts');
  const { TOPICS, EVENT_TOPICS } = await import('../../shared/src/events/catalogue.ts');
  const { types, schemas, docs } = generateEvents(inRoot('shared/src/events/schemas'), TOPICS, EVENT_TOPICS);
  return {
    'shared/src/events/event-types.generated.ts': types,
    'shared/src/events/event-schemas.generated.ts': schemas,
    'docs/events.md': docs,
  };
}

/** The variables of the services, their OpenAPI documents, the GraphQL schema. */
async function filesOfTheBuiltProduct(): Promise<Files> {
  const files: Files = { '.env.example': await exampleEnvironment() };
  for (const { name } of SERVICES) {
    if (name === 'api-gateway') continue;
    const { buildOpenApi } = (await import(inRoot(`${name}/dist/openapi.js`))) as { buildOpenApi(): Promise<object> };
    files[`${name}/openapi.json`] = `${JSON.stringify(await buildOpenApi(), null, 2)}\n`;
  }
  const gateway: ServiceName = 'api-gateway';
  const { emitSchema } = (await import(inRoot(`${gateway}/dist/emit-schema.js`))) as { emitSchema(): Promise<string> };
  files[`${gateway}/schema.graphql`] = await emitSchema();
  return files;
}

function write(files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    if (existsSync(inRoot(file)) && readFileSync(inRoot(file), 'utf8') === text) continue; // a new modification time would cause a build
    writeFileSync(inRoot(file), text);
    console.log(`wrote ${file}`);
  }
}

function inRoot(file: string): string {
  return path.join(ROOT, file);
}
