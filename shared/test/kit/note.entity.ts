import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'notes' })
export class Note {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'int' })
  lastReadSeq: number;

  @Column({ type: 'text' })
  title: string;
}
