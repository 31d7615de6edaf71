import net from 'node:net';
import type { KafkaSettings } from '../../src/kafka/index.js';

/**
 * The network between a process and the brokers. `cut` breaks the connections and refuses new ones, as if no broker were running. `freeze`
 * lets the brokers receive requests, but holds back their answers until `restore`.
 */
export class Network {
  readonly #sockets = new Set<net.Socket>();
  #cut = false;
  #frozen = false;

  /** The settings for the same brokers over this network. */
  settings(kafka: KafkaSettings): KafkaSettings {
    return {
      brokers: kafka.brokers,
      schemaRegistryUrl: kafka.schemaRegistryUrl,
      topicPrefix: kafka.topicPrefix,
      socketFactory: ({ host, port, onConnect }) => {
        // Port 1 refuses connections, like the host of a broker that does not run.
        const socket = net.connect({ host, port: this.#cut ? 1 : port }, onConnect);
        socket.setKeepAlive(true, 60_000);
        this.#sockets.add(socket);
        if (this.#frozen) socket.once('connect', () => socket.pause());
        socket.once('close', () => this.#sockets.delete(socket));
        return socket;
      },
    };
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  restore(): void {
    this.#cut = false;
    this.#frozen = false;
    for (const socket of this.#sockets) socket.resume();
  }
}
