import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** The public half of a signing key, as in the JWKS (RFC 7517). */
export interface PublicJwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

/** A key for signing access tokens. All of them are published; key-schedule.ts selects the one that signs. */
@Entity('signing_keys')
export class SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  @PrimaryColumn({ type: 'text' })
  kid: string;

  @Column({ type: 'jsonb' })
  publicJwk: PublicJwk;

  /** PKCS #8, encrypted with a key derived from AUTH_SECRET. */
  @Column({ type: 'bytea' })
  privateKey: Buffer;

  /** It is published at once, and signs from this time. */
  @Column({ type: 'timestamptz' })
  signsFrom: Date;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
