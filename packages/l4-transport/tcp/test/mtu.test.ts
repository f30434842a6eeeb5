import { describe, expect, test } from 'vitest';
import { twoHosts } from './ends.ts';

/** Alice sends to Bob over a path that carries packets up to `mtu` and does not say so. */
function narrow(mtu: number, probing: number) {
  const lab = twoHosts();
  lab.alice.tcp.sysctl.tcp_mtu_probing = probing;
  const { client, server, listener } = lab.pair();
  const size = (s: { payload: Uint8Array; options: { timestamps?: unknown } }): number =>
    s.payload.length + 40 + (s.options.timestamps ? 12 : 0);
  let largest = 0;
  lab.link.drop = (s) => {
    if (size(s) > mtu) return true;
    largest = Math.max(largest, size(s));
    return false;
  };
  let got = 0;
  let sent = 0;
  const transfer = (bytes: number, seconds: number): number => {
    const goal = sent + bytes;
    for (let i = 0; i < seconds * 20; i++) {
      while (sent < goal) {
        const n = client.send(Math.min(goal - sent, 20_000));
        if (n <= 0) break;
        sent += n;
      }
      lab.run(50);
      for (let n = server.recv(); n > 0; n = server.recv()) got += n;
    }
    return got;
  };
  const finish = (): void => {
    for (const end of [client, server, listener]) end.close();
    lab.run(200_000);
  };
  return { ...lab, client, transfer, finish, largest: () => largest };
}

describe('a path that swallows large packets', () => {
  test('is the end of a connection without probing', () => {
    const lab = narrow(1300, 0);
    expect(lab.transfer(50_000, 60)).toBe(0);
    lab.link.drop = () => false;
    lab.finish();
  });

  test('is found out after some time-outs, and then its size', () => {
    const lab = narrow(1300, 1);
    expect(lab.transfer(2_000_000, 60)).toBe(2_000_000);
    expect(lab.largest()).toBeGreaterThan(1290);
    expect(lab.alice.count('TcpExtTCPMTUPSuccess')).toBeGreaterThan(1);
    expect(lab.alice.count('TcpExtTCPMTUPFail')).toBeGreaterThan(0);
    lab.finish();
  });

  test('a very narrow one too: by halves down to the floor', () => {
    const lab = narrow(400, 1);
    expect(lab.transfer(20_000, 120)).toBe(20_000);
    lab.finish();
  });

  test('is no obstacle to who probes from the beginning', () => {
    const lab = narrow(1300, 2);
    expect(lab.transfer(1_000_000, 20)).toBe(1_000_000);
    expect([lab.largest() > 1290, lab.alice.count('TcpExtTCPTimeouts')]).toEqual([true, 0]);
    lab.finish();
  });
});

test('probing finds the whole of a path without obstacles, and the window keeps its bytes', () => {
  const lab = narrow(1500, 2);
  expect(lab.client.sk.snd.mss).toBe(1024);
  lab.transfer(1_000_000, 20);
  expect(lab.largest()).toBeGreaterThan(1492);
  expect(lab.alice.count('TcpExtTCPMTUPFail')).toBe(0);
  expect(lab.alice.count('TcpRetransSegs')).toBe(0);
  lab.finish();
});

test('after a while it is searched anew', () => {
  const lab = narrow(1300, 2);
  lab.transfer(1_000_000, 20);
  const before = lab.client.sk.snd.mss;
  lab.link.drop = () => false;
  lab.run(700_000);
  lab.transfer(2_000_000, 30);
  expect([before < 1250, lab.client.sk.snd.mss > 1430]).toEqual([true, true]);
  lab.finish();
});
