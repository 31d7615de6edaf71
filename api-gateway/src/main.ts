import 'reflect-metadata';
import { loadConfig } from '@chat/shared/config';
import { GatewayConfig } from './config.js';
import { startGateway } from './gateway.js';

await startGateway(loadConfig(GatewayConfig));
