import { spawnSync } from 'node:child_process';

const CHECKS = ['ip.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'udp.check_checksum:TRUE'];

/** What is wrong with a frame in Wireshark's eyes; except that Linux writes 0xffff for 0, which sums up as well. */
const FAULTS = [
  'ip.checksum.status == 0',
  '(tcp.checksum.status == 0 && tcp.checksum != 0xffff)',
  'tcp.analysis.retransmission',
  'tcp.analysis.fast_retransmission',
  'tcp.analysis.spurious_retransmission',
  'tcp.analysis.lost_segment',
  'tcp.analysis.out_of_order',
  'tcp.analysis.duplicate_ack',
  '_ws.malformed',
];

/** The frames of a capture file, and those that Wireshark finds fault with. */
export function faults(path: string): { frames: number; faults: string[] } {
  const frames = tshark(path, 'frame');
  return { frames: frames.length, faults: tshark(path, FAULTS.join(' || ')) };
}

function tshark(path: string, filter: string): string[] {
  const options = CHECKS.flatMap((check) => ['-o', check]);
  const args = ['-r', path, '-n', ...options, '-Y', filter];
  const { status, stdout, stderr, error } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').slice(0, -1);
}
