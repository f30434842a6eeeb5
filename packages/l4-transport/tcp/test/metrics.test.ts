import { expect, test } from 'vitest';
import { ALICE, BOB, twoHosts } from './ends.ts';

/** One connection from beginning to end, over a network with this delay; what alice knows of bob then. */
function once(lab: ReturnType<typeof twoHosts>, bytes = 100) {
  const { client, server, listener } = lab.pair(5000);
  client.send(bytes);
  lab.run(2000);
  expect(server.recv()).toBe(bytes);
  client.close();
  lab.run(2000);
  server.close();
  listener.close();
  lab.run(130_000);
  return lab.alice.tcp.metrics.get(ALICE, BOB, lab.alice.tcp.jiffies)!;
}

test('what a connection measured is kept when it ends', () => {
  const known = once(twoHosts({ delay: 100 }), 20_000);
  expect(known.rtt >> 3).toBeGreaterThan(190_000);
  expect(known.rtt >> 3).toBeLessThan(300_000);
  expect(known.rttvar).toBeGreaterThan(0);
  expect(known.cwnd).toBeGreaterThanOrEqual(10);
});

test('the next one begins with the longer time-out', () => {
  const lab = twoHosts({ delay: 300 });
  const rto = (): number => {
    const { client, server, listener } = lab.pair(950); // before any data
    const { rto: result } = client.sk.rtt;
    for (const end of [client, server, listener]) end.close();
    lab.run(130_000);
    return result;
  };
  lab.alice.tcp.sysctl.tcp_no_metrics_save = true;
  const alone = rto();
  expect([...lab.alice.tcp.metrics]).toHaveLength(0);
  lab.alice.tcp.sysctl.tcp_no_metrics_save = false;
  rto();
  lab.alice.tcp.metrics.get(ALICE, BOB, lab.alice.tcp.jiffies)!.rtt = 900_000 * 8;
  expect(rto()).toBe(2700);
  expect(alone).toBeLessThan(2000);
});

test('reordering and, if wanted, the threshold are taken over', () => {
  const lab = twoHosts();
  Object.assign(lab.alice.tcp.metrics.make(ALICE, BOB, lab.alice.tcp.jiffies), { reordering: 9, ssthresh: 17 });
  const { client, server, listener } = lab.pair();
  expect([client.sk.cc.reordering, client.sk.cc.ssthresh]).toEqual([9, 0x7fffffff]);
  lab.alice.tcp.sysctl.tcp_no_ssthresh_metrics_save = false;
  const second = lab.alice.open();
  second.connect(BOB, 80);
  lab.run(100);
  expect(second.sk.cc.ssthresh).toBe(17);
  for (const end of [client, server, second, listener]) end.close();
  lab.run(130_000);
});

test('a connection that heard nothing unlearns the round trip', () => {
  const lab = twoHosts();
  const known = once(lab);
  expect(known.rtt).toBeGreaterThan(0);
  lab.alice.tcp.sysctl.tcp_timestamps = false; // with them, a retransmission would tell it too
  const { client, server, listener } = lab.pair();
  server.close();
  lab.run(100);
  let lost = 0;
  lab.link.drop = (s) => s.flags === 'F.' && lost++ < 4;
  client.close();
  listener.close();
  lab.run(130_000);
  expect(known.rtt).toBe(0);
});

test('the cache forgets: after an hour, one peer, all of it', () => {
  const { alice } = twoHosts();
  const { metrics } = alice.tcp;
  metrics.make(1, 2, 0).rtt = 5;
  metrics.make(1, 3, 0).rtt = 6;
  metrics.make(9, 3, 0).rtt = 7;
  expect([...metrics]).toHaveLength(3);
  expect([metrics.get(9, 3, 10)!.rtt, metrics.get(8, 3, 10)]).toEqual([7, null]);
  expect(metrics.get(1, 2, 3_700_000)!.rtt).toBe(0);
  expect([metrics.delete(3), metrics.delete(3), [...metrics].length]).toEqual([true, false, 1]);
  metrics.flush();
  expect([...metrics]).toHaveLength(0);
});
