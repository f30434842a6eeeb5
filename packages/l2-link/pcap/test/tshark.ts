import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasTshark = spawnSync('tshark', ['--version']).status === 0;

/** What tshark says of a capture file; each line the fields asked for. */
export function tshark(file: Uint8Array, fields: readonly string[], filter = ''): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'pcap-'));
  try {
    const path = join(folder, 'capture.pcapng');
    writeFileSync(path, file);
    const checks = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((name) => [
      '-o',
      `${name}:TRUE`,
    ]);
    const columns = fields.flatMap((field) => ['-e', field]);
    const args = [
      '-r',
      path,
      '-n',
      ...checks,
      '-T',
      'fields',
      '-E',
      'separator=|',
      ...columns,
      ...(filter ? ['-Y', filter] : []),
    ];
    const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('|'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
