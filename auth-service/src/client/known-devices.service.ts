import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type ClientDetails, deviceHashOf } from './client-details.js';
import { KnownDevice } from './known-device.entity.js';

/** No device has this hash. It is stored when all devices are removed: the next device is then a new one, not the first. */
const REMOVED = Buffer.alloc(0);

/** An app that generates a device id at each start must not fill the table. */
const MAX_DEVICES_OF_ACCOUNT = 100;

/** The devices that signed in to an account. Failed attempts are not recorded. */
@Injectable()
export class KnownDevicesService {
  constructor(private readonly dataSource: DataSource) {}

  isKnown(userId: string, client: ClientDetails): Promise<boolean> {
    return this.dataSource.getRepository(KnownDevice).existsBy({ userId, deviceHash: deviceHashOf(client) });
  }

  /**
   * Records the device of a sign-in. `new`: the owner should be notified, as this device was not known and the account knows others.
   * `first`: the device that created the account.
   */
  async record(manager: EntityManager, userId: string, client: ClientDetails): Promise<'known' | 'first' | 'new'> {
    const others = await manager.getRepository(KnownDevice).existsBy({ userId });
    const now = new Date();
    // Of two concurrent sign-ins from a new device, the second one waits here and finds the device known.
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
   * Removes all devices, because an attacker may have added one: every device is new afterwards. Call it after the sessions of the account
   * are revoked; they lose user agent and address.
   */
  async removeAll(manager: EntityManager, userId: string): Promise<void> {
    await manager.getRepository(KnownDevice).delete({ userId });
    const now = new Date();
    await manager.getRepository(KnownDevice).insert({ userId, deviceHash: REMOVED, firstSeenAt: now, lastSeenAt: now });
    await manager.query('update sessions set user_agent = null, ip_address = null where user_id = $1', [userId]);
  }
}
