import { Public } from '@chat/shared/auth';
import { Query, Resolver } from '@nestjs/graphql';

@Resolver()
export class HelloResolver {
  @Public()
  @Query(() => String)
  hello(): string {
    return 'Hello from the chat back end';
  }
}
