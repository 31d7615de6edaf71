import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Global: provides the DataSource of the service. The code that created it also closes it. */
@Module({})
export class DatabaseModule {
  static forRoot({ dataSource }: { dataSource: DataSource }): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: DataSource, useValue: dataSource }],
      exports: [DataSource],
    };
  }
}
