import { expect, it } from 'vitest';
import { Env, exampleEnvironment } from './index.js';

class ChatConfig {
  @Env({ name: 'PORT', type: 'int', default: 3002, description: 'Port to listen on' })
  port!: number;

  @Env({ name: 'LOG_LEVEL', type: 'string', default: 'info', oneOf: ['debug', 'info'], description: 'The lowest level that is logged.' })
  logLevel!: string;
}

class AuthConfig extends ChatConfig {
  @Env({ name: 'PORT', type: 'int', default: 3001, description: 'Port to listen on' })
  override port!: number;

  @Env({ name: 'AUTH_SECRET', type: 'secret', description: 'Key of this installation' })
  secret!: string;
}

class ProfileConfig {
  @Env({ name: 'PORT', type: 'int', default: 3003, description: 'Port to listen on' })
  port!: number;
}

it('names a variable once, with its default and the services that read it; required ones are empty', () => {
  const text = exampleEnvironment({ 'auth-service': AuthConfig, 'chat-service': ChatConfig, 'profile-service': ProfileConfig });
  const [, , , ...sections] = text.split(/\n\n(?=#)/);
  expect(sections).toEqual([
    '# ---- Several services ----',
    '# The lowest level that is logged.\n# One of: debug, info.\n# Read by auth-service, chat-service.\n# LOG_LEVEL=info',
    '# ---- auth-service ----',
    '# Port to listen on.\n# PORT=3001',
    '# Key of this installation.\n# Or AUTH_SECRET_FILE.\nAUTH_SECRET=',
    '# ---- chat-service ----',
    '# Port to listen on.\n# PORT=3002',
    '# ---- profile-service ----',
    '# Port to listen on.\n# PORT=3003\n',
  ]);
});
