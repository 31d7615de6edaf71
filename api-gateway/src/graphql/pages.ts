import type { Paginated as Page } from '@chat/shared/contracts';
import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { IsInt, Max, Min } from 'class-validator';

/** The arguments of every list with numbered pages. A list with another default limit declares `limit` again. */
@ArgsType()
export class PageArgs {
  @IsInt()
  @Min(1)
  @Field(() => Int, { defaultValue: 1 })
  page: number;

  @IsInt()
  @Min(1)
  @Max(100)
  @Field(() => Int, { defaultValue: 20 })
  limit: number;
}

/** Makes the object type of a page of items: `class PaginatedMessages extends Paginated(Message) {}`. */
export function Paginated<T extends object>(item: Type<T>): Type<Page<T>> {
  @ObjectType({ isAbstract: true })
  class PageOfItems implements Page<T> {
    @Field(() => [item])
    data: T[];

    @Field(() => Int, { description: 'The number of items on all pages.' })
    total: number;

    @Field(() => Int)
    page: number;

    @Field(() => Int)
    limit: number;

    @Field(() => Int)
    totalPages: number;
  }
  return PageOfItems;
}
