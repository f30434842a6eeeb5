import { InetProtosws, MsgHdr, SOCK_DGRAM, sockets } from '@stack/sock';
import { ipNumber, machine, testHost } from '@stack/testing';
import { IPPROTO_UDP } from '@stack/ipv4';
import { Udp, udp, UdpLite, type UdpSock } from '../src/index.ts';
import { SmallIp, smallIp } from './small-ip.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A socket with the calls as a program has them, in text. */
export class Endpoint {
  readonly sk: UdpSock;
  readonly msg = new MsgHdr();
  woken = 0;
  readonly #buffer = new Uint8Array(70_000);

  constructor(sk: UdpSock) {
    this.sk = sk;
    sk.waiter = { wake: (events) => void (this.woken |= events) };
  }

  bind(address: string, port: number): number {
    return this.sk.proto.bind(this.sk, ipNumber(address), port);
  }

  connect(address: string, port: number): number {
    return this.sk.proto.connect(this.sk, ipNumber(address), port);
  }

  send(text: string | Uint8Array, flags = 0): number {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    return this.sk.proto.sendmsg(this.sk, bytes, 0, bytes.length, flags, null);
  }

  sendTo(address: string, port: number, text: string | Uint8Array, change: Partial<MsgHdr> = {}): number {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const msg = Object.assign(new MsgHdr(), { address: ipNumber(address), port }, change);
    return this.sk.proto.sendmsg(this.sk, bytes, 0, bytes.length, 0, msg);
  }

  /** The text, or the negative errno. */
  recv(flags = 0, length = this.#buffer.length): string | number {
    const result = this.sk.proto.recvmsg(this.sk, this.#buffer, 0, length, flags, this.msg);
    return result < 0 ? result : decoder.decode(this.#buffer.subarray(0, Math.min(result, length)));
  }

  poll(): number {
    return this.sk.proto.poll(this.sk);
  }

  close(): void {
    this.sk.proto.close(this.sk);
  }
}

/** A host with UDP over an IP that brings everything back. */
export function smallHost() {
  const small = new SmallIp();
  const host = testHost(machine({ seed: 7 }), 'alice', [smallIp(small), sockets(), udp()]);
  const open = (protocol = IPPROTO_UDP): Endpoint =>
    new Endpoint(host.get(InetProtosws).find(SOCK_DGRAM, protocol)!.create() as UdpSock);
  const bound = (port: number, address = '0.0.0.0'): Endpoint => {
    const end = open();
    if (end.bind(address, port) !== 0) throw new Error(`port ${port} is taken`);
    return end;
  };
  return { host, ip: small, open, bound, udp: host.get(Udp), lite: host.get(UdpLite) };
}
