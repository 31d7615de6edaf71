import { ArgsType, Field } from '@nestjs/graphql';
import { IsOptional, IsString, MaxLength } from 'class-validator';

@ArgsType()
export class DeleteAccountArgs {
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @Field(() => String, { nullable: true })
  password: string | null;
}
