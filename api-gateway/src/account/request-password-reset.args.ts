import { ArgsType, Field } from '@nestjs/graphql';
import { IsString, MaxLength } from 'class-validator';

@ArgsType()
export class RequestPasswordResetArgs {
  @IsString()
  @MaxLength(254)
  @Field()
  email: string;
}
