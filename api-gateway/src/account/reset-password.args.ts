import { ArgsType, Field } from '@nestjs/graphql';
import { IsString, MaxLength } from 'class-validator';
import { MailTokenArgs } from './mail-token.args.js';

@ArgsType()
export class ResetPasswordArgs extends MailTokenArgs {
  @IsString()
  @MaxLength(1024)
  @Field()
  newPassword: string;
}
