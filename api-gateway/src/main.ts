import 'reflect-metadata';
import { loadConfig } from '@chat/shared/config';
import { GatewayConfig } from './config.js';
import { startGateway } from './start.js';

await startGateway(loadConfig(GatewayConfig));
