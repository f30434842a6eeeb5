import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { devQueueXmit } from '@stack/netdev';
import { eth, icmp, ip, type SkBuff } from '@stack/skb';
import { networkNamespace } from '@stack/testing';
import { expect, test } from 'vitest';
import { linkHost, listen } from './host.ts';

const exec = promisify(execFile);

test('the kernel resolves and pings an end that answers by hand', async () => {
  const space = networkNamespace();
  const { host, dev } = linkHost({ name: 'tap0', namespace: space.name, mac: '02:00:00:00:00:02' });
  space.configure('tap0', '10.9.0.1/24');
  const back = (skb: SkBuff): number => {
    const peer = new Uint8Array(6);
    eth.source(skb, peer);
    skb.push(eth.LENGTH);
    eth.setDestination(skb, peer);
    eth.setSource(skb, dev.devAddr);
    return devQueueXmit(skb);
  };
  listen(host, eth.TYPE_ARP, (skb) => back(answerArp(skb, dev.devAddr)));
  listen(host, eth.TYPE_IPV4, (skb) => back(answerEcho(skb)));
  const { stdout } = await exec('ip', [
    'netns',
    'exec',
    space.name,
    'ping',
    '-c',
    '5',
    '-i',
    '0.02',
    '-s',
    '1400',
    '10.9.0.2',
  ]);
  expect(stdout).toContain('5 packets transmitted, 5 received, 0% packet loss');
  expect(space.run('ip', 'neigh')).toContain('10.9.0.2 dev tap0 lladdr 02:00:00:00:00:02');
  expect(dev.stats).toMatchObject({ rxPackets: 6, txPackets: 6, rxDropped: 0, txDropped: 0 });
});

function answerArp(skb: SkBuff, mac: Uint8Array): SkBuff {
  const bytes = skb.arena.u8.subarray(skb.data, skb.data + 28);
  const [sender, target] = [bytes.slice(8, 18), bytes.slice(24, 28)];
  bytes.set([0, 2], 6);
  bytes.set([...mac, ...target, ...sender], 8);
  return skb;
}

function answerEcho(skb: SkBuff): SkBuff {
  const [source, destination] = [ip.saddr(skb), ip.daddr(skb)];
  ip.setSaddr(skb, destination);
  ip.setDaddr(skb, source);
  skb.transportHeader = skb.networkHeader + ip.LENGTH;
  icmp.setType(skb, 0);
  const check = icmp.check(skb) + 0x0800;
  icmp.setCheck(skb, (check & 0xffff) + (check >>> 16));
  return skb;
}
