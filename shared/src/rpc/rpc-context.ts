import { BaseRpcContext } from '@nestjs/microservices';

/** What a `@MessagePattern` handler receives besides the payload: `@Ctx() context: RpcContext`. A guard sets `user` from `token`. */
export class RpcContext<User = unknown> extends BaseRpcContext<[]> {
  user?: User;

  constructor(
    /** The access token of the user on whose behalf the client sends the request. */
    readonly token: string | null,
  ) {
    super([]);
  }
}
