import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** For `@Transform`: a whole number in a query string as a number; any other value stays as it is, and validation rejects it. */
export function toQueryNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

/** The page of a list to read; extend it with the filters of the list. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 2_147_483_647, default: 1 })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  page: number = 1;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Transform(toQueryNumber)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}
