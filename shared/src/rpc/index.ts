export { RpcClient, type RpcClientOptions, RpcRecord, type RpcRecordOptions } from './rpc-client.js';
export { RpcContext } from './rpc-context.js';
export { RpcServer, type RpcServerOptions } from './rpc-server.js';
