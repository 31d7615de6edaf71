import { BaseRpcContext } from '@nestjs/microservices';

/** What a `@MessagePattern` handler receives besides the payload: `@Ctx() context: RpcContext`. A guard sets `user` from `token`. */
export class RpcContext<User = unknown> extends BaseRpcContext<[]> {
  #user: User | undefined;

  constructor(
    /** The access token of the user on whose behalf the client sends the request. */
    readonly token: string | null,
    private readonly onAuthenticated: () => void = () => undefined,
  ) {
    super([]);
  }

  get user(): User | undefined {
    return this.#user;
  }

  set user(user: User | undefined) {
    this.#user = user;
    this.onAuthenticated();
  }
}
