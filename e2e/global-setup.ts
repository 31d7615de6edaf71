import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import type { InfraAddresses } from '../scripts/infra/addresses.ts';
import { FakeGoogle } from '@chat/testkit/fake-google';
import { startSystem } from '../scripts/system.ts';

/**
 * Starts the six services once for all files of this folder. They use the infrastructure at the TEST_* addresses (`npm test` sets them), with
 * a database and topics of their own; without these variables this file starts its own infrastructure. If E2E_GATEWAY_URL is set, the tests
 * use the system that runs at that address; E2E_MAIL_DIR is then the folder of its mails, or E2E_MAILPIT_URL the Mailpit that receives them.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env['E2E_GATEWAY_URL'];
  if (running) {
    project.provide('gatewayUrl', running);
    project.provide('hasFakeGoogle', false);
    project.provide('logDir', null);
    project.provide('mailDir', process.env['E2E_MAIL_DIR'] ?? null);
    project.provide('mailpitUrl', process.env['E2E_MAILPIT_URL'] ?? null);
    return async () => undefined;
  }
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'chat-e2e-'));
  const run = `e2e_${randomBytes(4).toString('hex')}`;
  const google = await FakeGoogle.listen();
  const system = await startSystem({ dataDir, ports: 'free', given: givenByTheRunner(run), topicPrefix: `${run}.`, env: google.env });
  const publicUrl = system.urls.gateway.replace('127.0.0.1', 'localhost');
  google.serve(['google', 'google/mobile'].map((path) => `${publicUrl}/auth/${path}/callback`));
  project.provide('hasFakeGoogle', true);
  project.provide('logDir', system.logDir);
  project.provide('gatewayUrl', system.urls.graphql);
  project.provide('mailDir', path.join(dataDir, 'mail'));
  project.provide('mailpitUrl', null);
  return async () => {
    await system.stop();
    google.close();
    if (!process.env['E2E_KEEP_LOGS']) rmSync(dataDir, { recursive: true, force: true });
  };
}

function givenByTheRunner(database: string): Partial<InfraAddresses> {
  const { TEST_PG_URL, TEST_REDIS_URL, TEST_KAFKA_BROKER, TEST_SCHEMA_REGISTRY_URL } = process.env;
  const given: Partial<InfraAddresses> = {};
  if (TEST_PG_URL) {
    const url = new URL(TEST_PG_URL);
    url.pathname = `/${database}`;
    given.databaseUrl = url.href;
  }
  if (TEST_REDIS_URL) given.redisUrl = TEST_REDIS_URL;
  if (TEST_KAFKA_BROKER) given.kafkaBroker = TEST_KAFKA_BROKER;
  if (TEST_SCHEMA_REGISTRY_URL) given.schemaRegistryUrl = TEST_SCHEMA_REGISTRY_URL;
  return given;
}
