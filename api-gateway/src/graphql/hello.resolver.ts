import { Public } from '@chat/shared/auth';
import { Query, Resolver } from '@nestjs/graphql';

@Resolver()
export class HelloResolver {
  @Public()
  @Query(() => String, { description: 'A greeting, to try out the API.' })
  hello(): string {
    return 'Hello from the chat back end';
  }
}
