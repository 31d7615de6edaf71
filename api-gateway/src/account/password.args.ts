import { ArgsType, Field } from '@nestjs/graphql';
import { IsString, MaxLength } from 'class-validator';

/** auth-service says which passwords can be; here are only bounds. */
@ArgsType()
export class ChangePasswordArgs {
  @IsString()
  @MaxLength(1024)
  @Field()
  currentPassword: string;

  @IsString()
  @MaxLength(1024)
  @Field()
  newPassword: string;
}
