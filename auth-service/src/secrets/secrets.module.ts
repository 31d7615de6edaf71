import { type DynamicModule, Module } from '@nestjs/common';
import { AuthConfig } from '../config.js';
import { DerivedKeys } from './derived-keys.js';

/** Global: the configuration of the service and the keys derived from AUTH_SECRET. */
@Module({})
export class SecretsModule {
  static forRoot(config: AuthConfig): DynamicModule {
    return {
      module: SecretsModule,
      global: true,
      providers: [
        { provide: AuthConfig, useValue: config },
        { provide: DerivedKeys, useValue: new DerivedKeys(config.authSecret) },
      ],
      exports: [AuthConfig, DerivedKeys],
    };
  }
}
