import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import { DataSource } from 'typeorm';
import { KnownDevicesService } from '../known-devices/known-devices.service.js';
import type { ClientDetails } from '../sessions/client-details.js';
import { type KnownBy, networkOf } from '../sign-in-pace/lanes.js';

/** Tells who is surely no stranger to an account, before a password was looked at. */
@Injectable()
export class FamiliarDevices {
  constructor(
    private readonly dataSource: DataSource,
    private readonly knownDevices: KnownDevicesService,
  ) {}

  /**
   * A device id that the account was signed in with before. Without one, a program that it was used with from the same address: the name of
   * a program alone is easily guessed. For an account that does not exist the same is asked, so that the time tells nothing.
   */
  async howKnown(userId = newId(), client: ClientDetails): Promise<KnownBy> {
    if (client.deviceId !== null) return (await this.knownDevices.isKnown(userId, client)) ? 'device-id' : null;
    if (client.userAgent === null || client.ipAddress === null) return null;
    const [{ found }] = await this.dataSource.query<[{ found: boolean }]>(
      'select exists (select 1 from sessions where user_id = $1 and user_agent = $2 and ip_address <<= $3::inet) as found',
      [userId, client.userAgent, networkOf(client.ipAddress)],
    );
    return found ? 'place' : null;
  }
}
