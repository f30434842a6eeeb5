import type { IcmpPacket, Packet, TcpOption, TcpPacket } from '../language/script.ts';
import { ACK } from '../language/tcp-flags.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Connection } from '../network/connection.ts';
import { buildIcmpError, buildIcmpQuery, buildTcp, buildUdp, type Flow } from '../packets/build.ts';
import { encodeOptions } from '../packets/tcp-option-bytes.ts';
import type { Session } from './session.ts';

/** @rfc 9293 3.1 */
const MOST_OPTIONS = 40;

/** Sends the host what the script has on a line with `<`. */
export function sendInbound(session: Session, line: number, packet: Packet, text: string): void {
  const connection = session.connections.forInbound(packet);
  const flow = flowOf(session, connection);
  const { body, ip } = packet;
  session.log.cameIn(session.now, text);
  const { tun } = session.network;
  if (body.protocol === 'udp') tun.receive(buildUdp(flow, ip, body.length));
  else if (body.protocol === 'icmp') tun.receive(icmp(line, connection, flow, packet, body));
  else {
    const fields = connection.toWire(body, echoed(session, line, connection, body));
    const options = encodeOptions(fields.options).length;
    const rest = options % 4;
    if (options > MOST_OPTIONS) throw new ScriptError(line, `${options} bytes of options: a header has room for 40`);
    if (40 + options + body.length > 0xffff) throw new ScriptError(line, 'a packet has 65535 bytes at most');
    if (rest !== 0) throw new ScriptError(line, `the options need ${4 - rest} more bytes of padding: nop`);
    tun.receive(buildTcp(flow, ip, { ...fields, md5Key: session.md5Key }), session.config.mss, body.length);
  }
}

function flowOf({ config }: Session, { localPort, remotePort }: Connection): Flow {
  return { source: config.remoteIp, destination: config.localIp, sport: remotePort, dport: localPort };
}

/** The script echoes timestamps as it has written them; the host must see its own. */
function echoed(session: Session, line: number, connection: Connection, packet: TcpPacket): TcpOption[] {
  return (packet.options ?? []).map((option) => {
    if (option.kind !== 'TS' || (packet.flags & ACK) === 0) return option;
    const ecr = connection.timestamps.echo(option.ecr, session.config.tsEcrScaled);
    if (ecr === null) throw new ScriptError(line, `ecr ${option.ecr}: no packet went out with this value`);
    return { ...option, ecr };
  });
}

/** Messages that are no errors: they ask, and are answered. @rfc 792 */
const QUERIES = [0, 8, 13, 14];

function icmp(
  line: number,
  connection: Connection,
  flow: Flow,
  { ip }: Packet,
  { type, code, mtu, about }: IcmpPacket,
): Uint8Array {
  if (about === null && QUERIES.includes(type)) return buildIcmpQuery(flow, ip, type, code);
  if (about === null) throw new ScriptError(line, 'an ICMP error must say what it is about: [1:1001(1000)]');
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, connection.localPort);
  view.setUint16(2, connection.remotePort);
  if (about.protocol === 'tcp') view.setUint32(4, connection.localSeq(about.seq));
  else view.setUint16(4, 8 + about.length);
  const [protocol, header] = about.protocol === 'tcp' ? [6, 20] : [17, 8];
  const message = { type, code, mtu: mtu ?? 0, protocol, about: bytes, aboutLength: header + about.length };
  return buildIcmpError(flow, ip, message);
}
