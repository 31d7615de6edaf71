import { Query, Resolver } from '@nestjs/graphql';
import { OpenToAll } from './access.guard.js';

@Resolver()
export class HelloResolver {
  @OpenToAll()
  @Query(() => String)
  hello(): string {
    return 'Hello from the chat back end';
  }
}
