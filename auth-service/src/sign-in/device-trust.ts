import { Injectable } from '@nestjs/common';
import { newId } from '@chat/shared/database';
import { DataSource } from 'typeorm';
import { KnownDevicesService } from '../client/known-devices.service.js';
import type { ClientDetails } from '../client/client-details.js';
import { networkOf } from '@chat/shared/http';
import type { DeviceTrustLevel } from '../login-throttle/throttle-keys.js';

/** Decides before the check of a password how an account knows the device of a login. */
@Injectable()
export class DeviceTrust {
  constructor(
    private readonly dataSource: DataSource,
    private readonly knownDevices: KnownDevicesService,
  ) {}

  /**
   * By the device id, if the account was signed in with it before. Without a device id, by user agent and network of an existing session;
   * the user agent alone is easy to guess. For an account that does not exist, the same queries run, so that the response time reveals
   * nothing.
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
