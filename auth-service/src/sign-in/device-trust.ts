import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import { DataSource } from 'typeorm';
import { KnownDevicesService } from '../client/known-devices.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { networkOf } from '../client/ip-network.js';
import type { DeviceTrustLevel } from '../login-throttle/throttle-keys.js';

/** Tells who is surely no stranger to an account, before a password was looked at. */
@Injectable()
export class DeviceTrust {
  constructor(
    private readonly dataSource: DataSource,
    private readonly knownDevices: KnownDevicesService,
  ) {}

  /**
   * A device id that the account was signed in with before. Without one, a program that it was used with from the same address: the name of
   * a program alone is easily guessed. For an account that does not exist the same is asked, so that the time tells nothing.
   */
  async evaluate(userId = newId(), client: ClientDetails): Promise<DeviceTrustLevel> {
    if (client.deviceId !== null) return (await this.knownDevices.isKnown(userId, client)) ? 'device-id' : null;
    if (client.userAgent === null || client.ipAddress === null) return null;
    const [{ found }] = await this.dataSource.query<[{ found: boolean }]>(
      'select exists (select 1 from sessions where user_id = $1 and user_agent = $2 and ip_address <<= $3::inet) as found',
      [userId, client.userAgent, networkOf(client.ipAddress)],
    );
    return found ? 'ip-and-user-agent' : null;
  }
}
