import { parseIpv4 } from '@stack/ipv4';
import { neighAdd } from '@stack/neigh';
import { NF_ACCEPT, NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT } from '@stack/netfilter';
import { parseEthAddress } from '@stack/netdev';
import { ipv4Frame, machine } from '@stack/testing';
import { installTracer } from '@stack/trace';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { fakeSock, listen, pattern, segment } from './transport.ts';

/** The functions that packets meet while `act` runs. */
function walk(act: () => void): string[] {
  const met: string[] = [];
  const remove = installTracer({ hit: (fn) => met.push(fn), born: () => {} });
  act();
  remove();
  return met;
}

function setup() {
  const bob = new Station(machine(), 'bob');
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  neighAdd(bob.net.arp.table, parseIpv4('10.0.0.1'), wire.dev, parseEthAddress('02:00:00:00:00:01'));
  listen(bob);
  for (const hook of [NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT]) {
    bob.net.nf.register({ name: 'pass', hook, priority: 0, fn: () => NF_ACCEPT });
  }
  return { bob, wire };
}

test('a segment passes the rooms of the network layer in the order of Linux on its way out', () => {
  const { bob } = setup();
  const sk = fakeSock('10.0.0.2', '10.0.0.1', { ipOptions: Uint8Array.of(1, 1, 1, 0) });
  const met = walk(() => bob.ip.queueXmit(sk, segment(bob, 10)));
  expect(met.slice(0, met.indexOf('dev_queue_xmit') + 1)).toEqual([
    'ip_queue_xmit',
    '__ip_queue_xmit',
    '__sk_dst_check',
    'ip_route_output_ports',
    'ip_dont_fragment',
    'ip_select_ttl',
    'ip_copy_addrs',
    'ip_options_build',
    'ip_local_out',
    '__ip_local_out',
    'nf_hook',
    'nf_hook_slow',
    'dst_output',
    'ip_output',
    'nf_hook',
    'ip_finish_output',
    '__ip_finish_output',
    'ip_skb_dst_mtu',
    'ip_finish_output2',
    'ip_neigh_for_gw',
    '__ipv4_neigh_lookup_noref',
    'neigh_output',
    'neigh_resolve_output',
    'neigh_event_send',
    'dev_hard_header',
    'dev_queue_xmit',
  ]);
});

test('and on its way in', () => {
  const { wire } = setup();
  const frame = ipv4Frame(17, pattern(9), {
    macDestination: '02:00:00:00:00:02',
    source: '10.0.0.1',
    destination: '10.0.0.2',
  });
  const met = walk(() => wire.receive(frame));
  expect(met.slice(met.indexOf('ip_rcv'))).toEqual([
    'ip_rcv',
    'ip_rcv_core',
    'nf_hook',
    'ip_rcv_finish',
    'ip_rcv_finish_core',
    'ip_route_input_noref',
    'fib_lookup',
    'dst_input',
    'ip_local_deliver',
    'ip_is_fragment',
    'nf_hook',
    'nf_hook_slow',
    'ip_local_deliver_finish',
    'ip_protocol_deliver_rcu',
  ]);
});
