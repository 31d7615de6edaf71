import { DatabaseConfig } from '@chat/shared/config';
import { migrateUnderLock } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { createTestDatabase, eventually } from '@chat/shared/testing';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { expect, it } from 'vitest';
import { createAuthDataSource } from '../src/data-source.js';
import { DerivedKeys } from '../src/secrets/derived-keys.js';
import { SigningKeysService } from '../src/signing-keys/signing-keys.service.js';

it('a start that loses PostgreSQL before it has the signing keys waits for it, instead of ending the service', async () => {
  const database = await createTestDatabase({
    schema: 'auth',
    role: 'auth_service',
    migrate: (config) => migrateUnderLock(createAuthDataSource(config)),
  });
  const proxy = await FaultProxy.start(database.config);
  const dataSource = createAuthDataSource(Object.assign(new DatabaseConfig(), database.config, { host: '127.0.0.1', port: proxy.port }));
  try {
    await dataSource.initialize();
    proxy.refuse();
    let warnings = 0;
    const log = { ...silentLog, warn: () => void (warnings += 1) };
    const keys = new SigningKeysService(dataSource, new DerivedKeys('a secret that is long enough for this'), log);
    const starting = keys.onModuleInit();
    await Promise.race([starting, eventually(() => expect(warnings).toBeGreaterThan(0))]);
    proxy.resume();
    await starting;
    expect(keys.publicKeys()).toHaveLength(1);
  } finally {
    await proxy.close();
    await dataSource.destroy();
    await database.drop();
  }
});
