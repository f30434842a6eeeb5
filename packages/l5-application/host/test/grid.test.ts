import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { twoHosts } from './two-hosts.ts';

const LENGTH = 256 * 1024;

/** Bytes that name their own place, so that a shift shows. */
function content(): Buffer {
  const bytes = Buffer.alloc(LENGTH);
  for (let at = 0; at < LENGTH; at += 4) bytes.writeUInt32BE(at, at);
  return bytes;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('transfers over bad cables arrive whole', () => {
  for (const loss of [0, 0.01, 0.05]) {
    for (const delay of ['0ms', '10ms'] as const) {
      for (const reorder of [0, 0.05]) {
        for (const seed of [1, 2, 3]) {
          test(`loss ${loss}, delay ${delay}, reordering ${reorder}, seed ${seed}`, async () => {
            const cable = { rate: 100e6, delay, loss, reorder, duplicate: 0.01, corrupt: 0.01 };
            const { lab, clock, server, client } = twoHosts({ seed, cable });
            const bytes = content();
            server.net.createServer((socket) => socket.end(bytes)).listen(80);
            const received: Buffer[] = [];
            const done = new Promise<void>((resolve, reject) => {
              const socket = client.net.connect(80, '10.0.0.1');
              socket
                .on('data', (chunk: Buffer) => received.push(chunk))
                .on('error', reject)
                .on('close', resolve);
            });
            await clock.settle(done);
            const whole = Buffer.concat(received);
            expect(whole.length).toBe(LENGTH);
            expect(sha256(whole)).toBe(sha256(bytes));
            lab.close();
          });
        }
      }
    }
  }
});
