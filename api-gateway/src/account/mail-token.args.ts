import { ArgsType, Field } from '@nestjs/graphql';
import { IsString, MaxLength } from 'class-validator';

/** auth-service says which addresses, tokens and passwords can be; here are only bounds. */
@ArgsType()
export class MailTokenArgs {
  @IsString()
  @MaxLength(512)
  @Field()
  token: string;
}
