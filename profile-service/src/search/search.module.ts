import type { DatabaseConfig } from '@chat/shared/config';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ContactsService } from '../contacts/contacts.service.js';
import { SearchIndexer } from './search-indexer.js';
import { UserFinder } from './user-finder.js';

@Module({})
export class SearchModule {
  static forRoot(database: DatabaseConfig): DynamicModule {
    return {
      module: SearchModule,
      imports: [ContactsModule],
      providers: [
        SearchIndexer,
        { provide: UserFinder, inject: [ContactsService], useFactory: (contacts: ContactsService) => new UserFinder(database, contacts) },
      ],
      exports: [SearchIndexer, UserFinder],
    };
  }
}
