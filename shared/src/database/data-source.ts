import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import { connectionOptions } from './connection-options.js';
import { SnakeNamingStrategy } from './snake-naming.strategy.js';

// oxlint-disable-next-line typescript/no-unsafe-function-type -- what TypeORM calls an entity or a migration
type ClassLike = Function;

/** What the data source of a service is made of. */
export interface DataSourceParts {
  config: DatabaseConfig;
  /** The service's own schema, also its search_path. */
  schema: string;
  entities: (ClassLike | EntitySchema)[];
  /** Oldest first. */
  migrations: (ClassLike & { prototype: MigrationInterface })[];
  /** Repeatable migrations, in the order in which they are applied: `new URL('./messages/sql/store_messages.sql', import.meta.url)`. */
  sqlFiles?: URL[];
  applicationName: string;
}

/**
 * A TypeORM data source of one service; not yet connected. Connecting takes 2 s at most, a statement 5 s.
 * Column names follow SnakeNamingStrategy. The schema is never synchronised: migrateUnderLock creates it from `migrations` and `sqlFiles`.
 */
export function createDataSource({ config, schema, entities, migrations, sqlFiles = [], applicationName }: DataSourceParts): DataSource {
  const { max, ...connection } = connectionOptions({ config, schema, applicationName });
  return new DataSource({
    type: 'postgres',
    host: config.host,
    port: config.port,
    username: config.username,
    password: config.password,
    database: config.name,
    ssl: config.ssl,
    schema,
    entities,
    migrations,
    sqlFiles,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    namingStrategy: new SnakeNamingStrategy(),
    applicationName,
    poolSize: max,
    extra: connection,
    logging: false,
    // An idle connection that breaks is replaced at the next use; a statement that fails reports it.
    poolErrorHandler: () => {},
  } as DataSourceOptions);
}
