import type { Packet, Ports } from '../language/script.ts';
import { ACK, SYN } from '../language/tcp-flags.ts';
import { decodePacket } from '../packets/decode.ts';
import type { SeenPacket } from '../packets/seen-packet.ts';
import { Connection } from './connection.ts';
import type { Config } from './config.ts';
import type { Emitted } from './tun.ts';

const FIRST_REMOTE_PORT = 49_152;

/** A socket that has called connect, of which no packet was seen yet. */
interface Connecting {
  readonly protocol: 'tcp' | 'udp';
  readonly remotePort: number;
}

/** Which packets belong to the socket under test: one connection at a time, more only where a script writes ports. */
export class Connections {
  readonly #config: Config;
  readonly #all: Connection[] = [];
  /** Where the host listens, or what it is bound to. */
  #listenPort: number;
  #connecting: Connecting | null = null;
  #nextRemotePort = FIRST_REMOTE_PORT;
  /** ICMP messages that went out. */
  readonly icmp: SeenPacket[] = [];
  /** The connection that packets without ports belong to. */
  current: Connection | null = null;

  constructor(config: Config) {
    this.#config = config;
    this.#listenPort = config.bindPort;
  }

  listen(port: number): void {
    this.#listenPort = port;
    this.#connecting = null;
    this.current = null;
  }

  connect(protocol: 'tcp' | 'udp', remotePort: number): void {
    this.#connecting = { protocol, remotePort };
    this.current = null;
  }

  /** A socket sends to a port without being connected: packets from there to it are of one connection here. */
  send(protocol: 'tcp' | 'udp', remotePort: number): void {
    const { current } = this;
    if (current?.protocol !== protocol || current.remotePort !== remotePort) this.connect(protocol, remotePort);
  }

  /** The connection of a packet that comes in; a new one if there is none yet. */
  forInbound(packet: Packet): Connection {
    const { body } = packet;
    const protocol = body.protocol === 'icmp' ? (body.about?.protocol ?? 'tcp') : body.protocol;
    const ports = body.protocol === 'icmp' ? null : body.ports;
    if (ports === null && this.current !== null) return this.current;
    const known = ports === null ? null : this.#find(protocol, ports.destination, ports.source);
    if (known !== null) return (this.current = known);
    const remotePort = ports?.source ?? this.#nextRemotePort++;
    return this.#add(new Connection(protocol, ports?.destination ?? this.#listenPort, remotePort));
  }

  /** The connection of a line with a packet that goes out; null while it has not been seen. */
  forOutbound(ports: Ports | null, protocol: 'tcp' | 'udp'): Connection | null {
    return ports === null ? this.current : this.#find(protocol, ports.source, ports.destination);
  }

  /** Puts a packet that went out where it belongs; those of nobody are forgotten. */
  sort({ bytes, at }: Emitted): void {
    const seen = decodePacket(bytes, at);
    if (seen.destination !== this.#config.remoteIp || seen.body === null) return;
    const { body } = seen;
    if (body.protocol === 'icmp') {
      this.icmp.push(seen);
      return;
    }
    const connection = this.#isFirst(seen) ? this.#connected(seen) : this.#find(body.protocol, body.sport, body.dport);
    connection?.queue.push(seen);
  }

  /** Whether it is what a socket that connects sends first. */
  #isFirst({ body }: SeenPacket): boolean {
    const wanted = this.#connecting;
    if (wanted === null || body === null || body.protocol === 'icmp') return false;
    if (body.protocol !== wanted.protocol || body.dport !== wanted.remotePort) return false;
    return body.protocol === 'udp' || (body.flags & (SYN | ACK)) === SYN;
  }

  #connected({ body }: SeenPacket): Connection | null {
    if (body === null || body.protocol === 'icmp') return null;
    this.#connecting = null;
    return this.#add(new Connection(body.protocol, body.sport, body.dport));
  }

  #add(connection: Connection): Connection {
    this.#all.push(connection);
    return (this.current = connection);
  }

  #find(protocol: 'tcp' | 'udp', localPort: number, remotePort: number): Connection | null {
    const same = (each: Connection): boolean =>
      each.protocol === protocol && each.localPort === localPort && each.remotePort === remotePort;
    return this.#all.findLast(same) ?? null;
  }
}
