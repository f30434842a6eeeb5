import type { TcpProtocol } from './protocol.ts';

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** The four words of the hash's state. */
class SipState {
  v0 = 0;
  v1 = 0;
  v2 = 0;
  v3 = 0;

  round(): void {
    let { v0, v1, v2, v3 } = this;
    v0 = (v0 + v1) | 0;
    v1 = rotl(v1, 5) ^ v0;
    v0 = rotl(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotl(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotl(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotl(v1, 13) ^ v2;
    v2 = rotl(v2, 16);
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }

  /** One word of the message. */
  take(word: number): void {
    this.v3 ^= word;
    this.round();
    this.round();
    this.v0 ^= word;
  }
}

/**
 * A keyed hash of three words (HalfSipHash-2-4): who does not know the key cannot foresee it.
 *
 * @kernel lib/siphash.c hsiphash_3u32()
 */
export function keyedHash(k0: number, k1: number, a: number, b: number, c: number): number {
  const s = new SipState();
  s.v0 = k0;
  s.v1 = k1;
  s.v2 = k0 ^ 0x6c796765;
  s.v3 = k1 ^ 0x74656462;
  s.take(a);
  s.take(b);
  s.take(c);
  s.take(12 << 24);
  s.v2 ^= 0xff;
  for (let i = 0; i < 4; i++) s.round();
  return s.v1 ^ s.v3;
}

/** Initial sequence number: unpredictable to others, growing for each pair of ends. @kernel net/core/secure_seq.c secure_tcp_seq() @rfc 6528 3 */
export function secureTcpSeq(tcp: TcpProtocol, saddr: number, daddr: number, sport: number, dport: number): number {
  const { secrets } = tcp;
  const hash = keyedHash(secrets[0], secrets[1], saddr, daddr, (sport << 16) | dport);
  return (hash + tcp.clock.now() / 64) | 0; // one step in 64 ns
}

/** Where the time stamps of a pair of hosts begin. @kernel net/core/secure_seq.c secure_tcp_ts_off() @rfc 7323 5.4 */
export function secureTcpTsOff(tcp: TcpProtocol, saddr: number, daddr: number): number {
  return keyedHash(tcp.secrets[2], tcp.secrets[3], saddr, daddr, 0);
}
