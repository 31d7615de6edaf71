import type { AddressInfo } from 'node:net';
import { eventually } from '@chat/shared/testing';
import { SMTPServer } from 'smtp-server';

/** A received mail. */
export interface ReceivedMail {
  to: string;
  raw: string;
}

const ANSWERS = {
  temporarily: { code: 451, text: 'Try again later' },
  'unknown address': { code: 550, text: 'No such user' },
};

/** A fake mail server that keeps the mails it receives. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** The refusals by recipient; mails to other addresses are accepted. */
  readonly refusals = new Map<string, keyof typeof ANSWERS>();
  /** Until this is settled it does not confirm received mails. */
  #held: Promise<void> | undefined;

  private constructor(
    private readonly server: SMTPServer,
    readonly url: string,
  ) {}

  static async start(): Promise<MailServer> {
    const holder: { self?: MailServer } = {};
    const server = new SMTPServer({
      authOptional: true,
      // Accepts any password, also in clear text.
      allowInsecureAuth: true,
      onAuth: ({ username }, _session, done) => done(null, { user: username }),
      disabledCommands: ['STARTTLS'],
      logger: false,
      onRcptTo: ({ address }, _session, done) => {
        const answer = holder.self!.refusals.get(address);
        done(answer && Object.assign(new Error(ANSWERS[answer].text), { responseCode: ANSWERS[answer].code }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', async () => {
          const raw = Buffer.concat(chunks).toString();
          for (const { address } of session.envelope.rcptTo) holder.self!.received.push({ to: address, raw });
          await holder.self!.#held;
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    holder.self = new MailServer(server, `smtp://127.0.0.1:${port}`);
    return holder.self;
  }

  /** Receives mails without confirming them, until the returned function is called. */
  hold(): () => void {
    let release!: () => void;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }

  stop(): Promise<void> {
    return new Promise((resolve) => void this.server.close(() => resolve()));
  }

  to(address: string): ReceivedMail[] {
    return this.received.filter(({ to }) => to === address);
  }

  /** The mail with this number to the address, as soon as it has arrived. */
  async mail(address: string, count = 1): Promise<ReceivedMail> {
    await eventually(() => {
      if (this.to(address).length < count) throw new Error(`${this.to(address).length} mails have arrived for ${address}`);
    });
    return this.to(address)[count - 1]!;
  }

  /** The token of the link in that mail. */
  async token(address: string, count = 1): Promise<string> {
    return tokenIn((await this.mail(address, count)).raw);
  }
}

export function linkIn(raw: string): string {
  const text = raw.replaceAll('\r', '');
  const decoded = /^content-transfer-encoding: quoted-printable$/im.test(text) ? text.replaceAll('=\n', '').replaceAll('=3D', '=') : text;
  const link = /^https?:\S+#token=\S+$/m.exec(decoded)?.[0];
  if (!link) throw new Error(`no link in: ${raw}`);
  return link;
}

export function tokenIn(raw: string): string {
  return new URLSearchParams(new URL(linkIn(raw)).hash.slice(1)).get('token')!;
}
