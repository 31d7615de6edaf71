import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Gives the whole application its DataSource: inject `DataSource` and ask it for repositories. Whoever made it also closes it. */
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
