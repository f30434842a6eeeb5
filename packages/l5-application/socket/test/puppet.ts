import { NetCore } from '@stack/netdev';
import { EAGAIN, ENOPROTOOPT, type Plugin } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import { InetProtosws, ProtoMemory, Sock, SOCK_STREAM, sockets, SockSettings, type Proto } from '@stack/sock';
import { machine, testHost } from '@stack/testing';
import { BsdSockets, bsdSockets } from '../src/index.ts';

/** A socket whose state the test sets, and which notes what it is told. */
export class Puppet extends Sock {
  readonly proto: Proto<Puppet> = puppetProto;
  readonly type = SOCK_STREAM;
  readonly protocol = 253;
  readonly memory = new ProtoMemory(1, 2, 3);
  events = 0;
  /** What the calls answer. */
  answer = 0;
  calls: string[] = [];
  waiting: Puppet[] = [];

  constructor() {
    super(new SockSettings(), 10_000, 20_000);
  }

  backlogRcv(skb: SkBuff): void {
    skb.consume();
  }

  /** Sets what holds, and tells it. */
  become(events: number): void {
    this.events = events;
    this.wake(events);
  }

  note(call: string): number {
    this.calls.push(call);
    return this.answer;
  }
}

const puppetProto: Proto<Puppet> = {
  name: 'puppet',
  bind: (sk, address, port) => sk.note(`bind ${address} ${port}`),
  connect: (sk, address, port) => sk.note(`connect ${address} ${port}`),
  disconnect: (sk) => sk.note('disconnect'),
  listen: (sk, backlog) => sk.note(`listen ${backlog}`),
  accept: (sk) => sk.waiting.shift() ?? null,
  sendmsg: (sk, _bytes, offset, length, flags) => sk.note(`send ${offset} ${length} ${flags}`),
  recvmsg: (sk, _into, offset, length, flags) =>
    sk.events & 1 ? sk.note(`recv ${offset} ${length} ${flags}`) : -EAGAIN,
  shutdown: (sk, how) => sk.note(`shutdown ${how}`),
  poll: (sk) => sk.events,
  close: (sk) => void sk.note('close'),
  setsockopt: (sk, level, name, value) => (sk.note(`setsockopt ${level} ${name} ${value}`), -ENOPROTOOPT),
  getsockopt: () => -ENOPROTOOPT,
  ioctl: (sk, request) => sk.note(`ioctl ${request}`),
};

/** A host whose sockets are puppets; `made` has them in order. */
export function puppetHost(options: { files?: number } = {}) {
  const lab = machine();
  const made: Puppet[] = [];
  const puppets: Plugin = {
    name: 'puppets',
    provide: (provider) =>
      provider.bind(NetCore, () => ({ devices: new Map([['eth0', { name: 'eth0', ifindex: 2 }]]) }) as never),
    attach(services) {
      const create = (): Puppet => made[made.push(new Puppet()) - 1];
      return services
        .get(InetProtosws)
        .add({ type: SOCK_STREAM, protocol: 253, isDefault: true, proto: puppetProto as Proto, create });
    },
  };
  const host = testHost(lab, 'alice', [sockets(), puppets, bsdSockets(options)]);
  return { clock: lab.clock, host, made, calls: host.get(BsdSockets) };
}
