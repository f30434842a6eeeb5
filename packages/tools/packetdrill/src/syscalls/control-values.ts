import type { MsgHdr, SockSettings } from '@stack/sock';
import type { Session } from '../run/session.ts';
import { OPTIONS } from './symbols/options.ts';

/** One piece of ancillary data, with its parts by the names that scripts have for them. */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  /** Of a plain number, the one part `value`. */
  readonly parts: Readonly<Record<string, number>>;
}

const SEC = 1_000_000_000;

/** What the host told with a message, in Linux's order: time stamps, then TCP's, then what IP has to say. */
export function controlOf(session: Session, msg: MsgHdr, settings: SockSettings | null): ControlMessage[] {
  const control: ControlMessage[] = [];
  const { error } = msg;
  if (error !== null && error.time !== 0) {
    control.push({ level: OPTIONS.SOL_SOCKET, type: OPTIONS.SCM_TIMESTAMPING, parts: stampParts(session, error.time) });
  }
  if (error === null && msg.stamp > 0 && settings !== null) control.push(...stampsOf(session, msg.stamp, settings));
  if (msg.inq >= 0) control.push({ level: OPTIONS.SOL_TCP, type: OPTIONS.TCP_CM_INQ, parts: { value: msg.inq } });
  if (msg.ifindex >= 0) {
    const [ipi_ifindex, ipi_spec_dst, ipi_addr] = [msg.ifindex, msg.destination, msg.destination];
    control.push({ level: OPTIONS.SOL_IP, type: OPTIONS.IP_PKTINFO, parts: { ipi_ifindex, ipi_spec_dst, ipi_addr } });
  }
  if (msg.ttl >= 0) control.push({ level: OPTIONS.SOL_IP, type: OPTIONS.IP_TTL, parts: { value: msg.ttl } });
  if (msg.tos >= 0) control.push({ level: OPTIONS.SOL_IP, type: OPTIONS.IP_TOS, parts: { value: msg.tos } });
  if (error !== null) {
    const { errno, origin, type, code, info, data } = error;
    const parts = { ee_errno: errno, ee_origin: origin, ee_type: type, ee_code: code, ee_info: info, ee_data: data };
    control.push({ level: OPTIONS.SOL_IP, type: OPTIONS.IP_RECVERR, parts });
  }
  return control;
}

/** When it came, as the socket's options want to be told. @kernel net/socket.c __sock_recv_timestamp() */
function stampsOf(session: Session, at: number, { rxStamp, timestamping }: SockSettings): ControlMessage[] {
  const types: number[] = [];
  if (rxStamp !== 0) types.push(rxStamp === 1 ? OPTIONS.SCM_TIMESTAMP : OPTIONS.SCM_TIMESTAMPNS);
  if ((timestamping & OPTIONS.SOF_TIMESTAMPING_SOFTWARE) !== 0) types.push(OPTIONS.SCM_TIMESTAMPING);
  return types.map((type) => ({ level: OPTIONS.SOL_SOCKET, type, parts: stampParts(session, at) }));
}

/** Times of the host count from when the script began. */
function stampParts(session: Session, at: number): ControlMessage['parts'] {
  const time = Math.round(session.sinceStart(at) * 1000);
  return { scm_sec: Math.floor(time / SEC), scm_nsec: time % SEC };
}
