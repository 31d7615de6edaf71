import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

/** Tests run from the TypeScript sources: `source` is the export condition of @chat/shared that points there. */
const sources = {
  // Nest and TypeORM read the types that decorators leave behind.
  oxc: {
    decorator: { legacy: true, emitDecoratorMetadata: true },
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  resolve: {
    conditions: ['source'],
    // The file that Nest and Apollo load; Vite would take the package's other copy, and two copies do not know each other's types.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
};

const workspaces = [
  'shared',
  'auth-service',
  'chat-service',
  'presence-service',
  'profile-service',
  'notification-service',
  'api-gateway',
  'setup',
];

/**
 * The files that one worker runs share the loaded modules: loading NestJS, TypeORM and kafkajs again for each file takes about a third of
 * the whole time. Each file has services, databases and topics of its own; nothing in a module may keep state of a test.
 */
const SHARED_MODULES = { isolate: false };

/** A test that hangs must end; how long a test that works may take depends on the machine and on what else runs on it. */
const HANG_TIMEOUTS = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  ...sources,
  test: {
    // Every test file talks to the same PostgreSQL and Kafka; more of them at once only wait for each other.
    maxWorkers: 2,
    projects: [
      { ...sources, test: { name: 'unit', include: workspaces.map((s) => `${s}/src/**/*.test.ts`), ...SHARED_MODULES, ...HANG_TIMEOUTS } },
      { ...sources, test: { name: 'scripts', include: ['{scripts,bench}/**/*.test.ts'], ...SHARED_MODULES, ...HANG_TIMEOUTS } },
      { ...sources, test: { name: 'testkit', include: ['testkit/src/**/*.test.ts'], ...SHARED_MODULES, ...HANG_TIMEOUTS } },
      ...workspaces.map((name) => ({
        ...sources,
        test: { name, include: [`${name}/test/**/*.test.ts`], ...SHARED_MODULES, ...HANG_TIMEOUTS },
      })),
      {
        ...sources,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
