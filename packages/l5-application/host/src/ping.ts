import { nanoseconds, SEC, Timer, Clock, Random, type Duration, type Nanoseconds } from '@stack/clock';
import { formatIpv4, Ipv4, parseIpv4 } from '@stack/ipv4';
import { EHOSTUNREACH, ETIMEDOUT, type Services } from '@stack/plugin';
import { ip, type SkBuff } from '@stack/skb';
import { errnoError } from '@stack/socket';

export interface PingOptions {
  /** Bytes of payload, 56 unless given. */
  size?: number;
  /** How long to wait for the reply; 1 s unless given. */
  timeout?: Duration;
  ttl?: number;
}

export interface PingReply {
  readonly from: string;
  /** Bytes of the ICMP message. */
  readonly bytes: number;
  readonly ttl: number;
  readonly time: Nanoseconds;
}

const ICMP_HEADER = 8;

/** Sends one echo request. Rejects with ETIMEDOUT, EHOSTUNREACH or what sending failed with. */
export function ping(services: Services, to: string, options: PingOptions = {}): Promise<PingReply> {
  const net = services.get(Ipv4);
  const clock = services.get(Clock);
  const id = services.get(Random).below(0x10000);
  const daddr = parseIpv4(to);
  return new Promise((resolve, reject) => {
    const fail = (errno: number): void => finish(() => reject(errnoError(-errno, 'ping', to)));
    const sent = clock.now();
    const timer = new Timer(clock, { run: () => fail(ETIMEDOUT) });
    const unlisten = net.icmp.listen(id, {
      reply: (skb) => {
        const reply = describe(skb, clock.now() - sent);
        finish(() => resolve(reply));
      },
      error: () => fail(EHOSTUNREACH),
    });
    const finish = (settle: () => void): void => {
      timer.cancel();
      unlisten();
      settle();
    };
    timer.setIn(nanoseconds(options.timeout ?? SEC));
    const result = net.ping({ daddr, id, sequence: 1, payload: new Uint8Array(options.size ?? 56), ttl: options.ttl });
    if (result < 0) fail(-result);
  });
}

function describe(skb: SkBuff, time: Nanoseconds): PingReply {
  const bytes = ip.totalLength(skb) - ip.headerLength(skb);
  return { from: formatIpv4(ip.saddr(skb)), bytes: Math.max(bytes, ICMP_HEADER), ttl: ip.ttl(skb), time };
}
