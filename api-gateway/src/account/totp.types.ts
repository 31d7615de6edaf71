import { Field, ObjectType } from '@nestjs/graphql';

@ObjectType()
export class TotpSetup {
  @Field({ description: 'Base 32, to be typed into an authenticator app' })
  secret: string;

  @Field({ description: 'To be shown as a QR code' })
  otpauthUrl: string;
}
