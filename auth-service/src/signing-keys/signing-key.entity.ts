import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** The public half of a signing key, as it stands in the JWKS (RFC 7517). */
export interface PublicJwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

/** A key that access tokens are signed with. All are published; which one signs is in key-schedule.ts. */
@Entity('signing_keys')
export class SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  @PrimaryColumn({ type: 'text' })
  kid: string;

  @Column({ type: 'jsonb' })
  publicJwk: PublicJwk;

  /** PKCS #8, encrypted with a key made of AUTH_SECRET. */
  @Column({ type: 'bytea' })
  privateKey: Buffer;

  /** Published at once, it signs from then on. */
  @Column({ type: 'timestamptz' })
  signsFrom: Date;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
