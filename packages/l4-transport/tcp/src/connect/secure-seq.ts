import type { TcpProtocol } from '../protocol.ts';

/** Nanoseconds of the clock in one step of the initial sequence number. @kernel net/core/secure_seq.c seq_scale() */
const SEQ_SCALE = 64;

/**
 * Initial sequence number: a keyed hash of the four-tuple, plus time. Addresses int32, ports uint16.
 *
 * @kernel net/core/secure_seq.c secure_tcp_seq() @rfc 6528 3
 */
export function secureTcpSeq(tcp: TcpProtocol, saddr: number, daddr: number, sport: number, dport: number): number {
  const time = Math.floor(tcp.clock.now() / SEQ_SCALE) | 0;
  return (keyedHash(tcp.secrets, 0, saddr, daddr, (sport << 16) | dport) + time) | 0;
}

/** What is added to the time stamps of a connection, so that they do not tell how long the host is up. @kernel net/core/secure_seq.c secure_tcp_ts_off() @rfc 7323 5.4 */
export function secureTcpTsOff(tcp: TcpProtocol, saddr: number, daddr: number): number {
  return tcp.sysctl.tcp_timestamps ? keyedHash(tcp.secrets, 2, saddr, daddr, 0) : 0;
}

/**
 * HalfSipHash-2-4 of three words: short inputs, a 64-bit key, 32 bits out. `key` is the first of two words of the
 * secrets. Also for SYN cookies.
 */
export function keyedHash(secrets: Int32Array, key: number, a: number, b: number, c: number): number {
  state[0] = secrets[key];
  state[1] = secrets[key + 1];
  state[2] = secrets[key] ^ 0x6c796765;
  state[3] = secrets[key + 1] ^ 0x74656462;
  absorb(a);
  absorb(b);
  absorb(c);
  absorb(12 << 24);
  state[2] ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  return state[1] ^ state[3];
}

const state = new Int32Array(4);

function absorb(word: number): void {
  state[3] ^= word;
  round();
  round();
  state[0] ^= word;
}

function round(): void {
  const v = state;
  v[0] += v[1];
  v[1] = rotate(v[1], 5) ^ v[0];
  v[0] = rotate(v[0], 16);
  v[2] += v[3];
  v[3] = rotate(v[3], 8) ^ v[2];
  v[0] += v[3];
  v[3] = rotate(v[3], 7) ^ v[0];
  v[2] += v[1];
  v[1] = rotate(v[1], 13) ^ v[2];
  v[2] = rotate(v[2], 16);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
