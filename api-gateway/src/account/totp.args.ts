import { IsText } from '@chat/shared/http';
import { ArgsType, Field } from '@nestjs/graphql';

const MAX_CODE_LENGTH = 64;

@ArgsType()
export class CodeArgs {
  @IsText({ min: 1, max: MAX_CODE_LENGTH })
  @Field()
  code: string;
}

@ArgsType()
export class CompleteLoginArgs {
  @IsText({ min: 1, max: 500 })
  @Field()
  mfaToken: string;

  @IsText({ min: 1, max: MAX_CODE_LENGTH })
  @Field()
  code: string;
}
