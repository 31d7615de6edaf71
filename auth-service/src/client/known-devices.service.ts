import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type ClientDetails, deviceHashOf } from './client-details.js';
import { KnownDevice } from './known-device.entity.js';

/** No device has this hash. It stands for those that were forgotten: the next one is a new one, not the first. */
const FORGOTTEN = Buffer.alloc(0);

/** An app that makes a new device id at each start must not fill the table. */
const MAX_DEVICES_OF_ACCOUNT = 100;

/** Which devices an account was signed in from. Only whoever got in is remembered, never who tried. */
@Injectable()
export class KnownDevicesService {
  constructor(private readonly dataSource: DataSource) {}

  isKnown(userId: string, client: ClientDetails): Promise<boolean> {
    return this.dataSource.getRepository(KnownDevice).existsBy({ userId, deviceHash: deviceHashOf(client) });
  }

  /**
   * Remembers the device of a sign-in, and says whether it is one to tell the owner of: not seen before, on an account that knows others.
   * The first of all is the one that the account was made with.
   */
  async remember(manager: EntityManager, userId: string, client: ClientDetails): Promise<'known' | 'first' | 'new'> {
    const others = await manager.getRepository(KnownDevice).existsBy({ userId });
    const now = new Date();
    // Of two sign-ins at once from one new device, the second waits here and finds it known.
    const [{ isNew }] = await manager.query<[{ isNew: boolean }]>(
      `insert into known_devices (user_id, device_hash, first_seen_at, last_seen_at) values ($1, $2, $3, $3)
       on conflict (user_id, device_hash) do update set last_seen_at = excluded.last_seen_at
       returning xmax = 0 as "isNew"`,
      [userId, deviceHashOf(client), now],
    );
    if (!isNew) return 'known';
    if (!others) return 'first';
    await manager.query(
      `delete from known_devices where user_id = $1 and device_hash in
         (select device_hash from known_devices where user_id = $1 order by last_seen_at desc, device_hash offset $2)`,
      [userId, MAX_DEVICES_OF_ACCOUNT],
    );
    return 'new';
  }

  /**
   * From now on each device is a new one, and a stranger, wherever it signs in from: somebody else may have been among those that were
   * known. Call it when the account's sessions have revoked; they forget what they were used with.
   */
  async forget(manager: EntityManager, userId: string): Promise<void> {
    await manager.getRepository(KnownDevice).delete({ userId });
    const now = new Date();
    await manager.getRepository(KnownDevice).insert({ userId, deviceHash: FORGOTTEN, firstSeenAt: now, lastSeenAt: now });
    await manager.query('update sessions set user_agent = null, ip_address = null where user_id = $1', [userId]);
  }
}
