import { EALREADY, ECONNRESET, EINPROGRESS, EINVAL, EISCONN, EOPNOTSUPP } from '@stack/plugin';
import { EPOLLIN, EPOLLOUT, TCP_CLOSE, TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_SYN_RECV, TCP_SYN_SENT } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import {
  FastOpenKeys,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_KEY,
  TCP_FASTOPEN_NO_COOKIE,
} from '../src/index.ts';
import { BOB, byHand, SYN_OPTIONS, twoHosts, type End } from './ends.ts';
import type { Segment } from './wire.ts';

const NONE = new Uint8Array(0);
const text = (s: Segment): string => new TextDecoder().decode(s.payload);

/** A server and a peer who knows its cookie. */
function server(backlog = 5, key = '00000001-00000002-00000003-00000004') {
  const lab = byHand();
  const { alice, peer } = lab;
  alice.tcp.sysctl.tcp_fastopen = 3;
  alice.tcp.fastOpenKeys = FastOpenKeys.fromText(key);
  const listener = alice.open().listen(80);
  listener.option(TCP_FASTOPEN, backlog);
  peer.say({ flags: 'S', seq: 0, options: { ...SYN_OPTIONS, fastOpen: { cookie: NONE } } });
  const [answer] = peer.take();
  const cookie = answer.options.fastOpen?.cookie ?? NONE;
  peer.theirs = answer.seq;
  peer.say({ flags: 'R', seq: 1 });
  /** A new SYN with data; what came back is in `peer`. */
  const syn = (data: string, options: Segment['options'] = { fastOpen: { cookie } }): void => {
    peer.sport++;
    peer.say({
      flags: 'S',
      seq: 0,
      options: { ...SYN_OPTIONS, ...options },
      payload: new TextEncoder().encode(data),
    });
    peer.theirs = peer.out[0]?.seq ?? 0;
  };
  return { ...lab, listener, cookie, syn };
}

describe('a server', () => {
  test('gives a cookie to who asks, the same for the same address and key', () => {
    const one = server();
    const two = server(5, '00000001-00000002-00000003-00000005');
    expect(one.cookie).toHaveLength(8);
    expect(server().cookie).toEqual(one.cookie);
    expect(two.cookie).not.toEqual(one.cookie);
    expect(one.alice.count('TcpExtTCPFastOpenCookieReqd')).toBe(1);
  });

  test('answers in the option that was used', () => {
    const { peer, syn, cookie } = server();
    syn('', { fastOpen: { cookie: NONE, experimental: true } });
    expect(peer.take()[0].options.fastOpen).toEqual({ cookie, experimental: true });
  });

  test('reads data of a SYN and answers before the handshake ends', () => {
    const { alice, peer, syn, listener } = server();
    syn('hello');
    expect(peer.heard()).toEqual(['S. 0:0(0) 6']);
    expect(listener.poll()).toBe(EPOLLIN);
    const child = listener.accept()!;
    expect([child.state, child.text()]).toEqual([TCP_SYN_RECV, 'hello']);
    expect(child.poll() & EPOLLOUT).toBe(EPOLLOUT);
    expect(child.send('world')).toBe(5);
    const [early] = peer.take();
    expect([early.flags, text(early), (early.ack - peer.isn) | 0]).toEqual(['P.', 'world', 6]);
    peer.next = 6;
    peer.say({ flags: '.', ack: 6 });
    expect(child.state).toBe(TCP_ESTABLISHED);
    peer.say({ flags: 'P.', ack: 6, payload: 10 });
    expect(child.recv()).toBe(10);
    expect([alice.count('TcpExtTCPFastOpenPassive'), alice.count('TcpPassiveOpens')]).toEqual([1, 1]);
    child.close();
  });

  test('repeats SYN-ACK, and nothing else, until it is acknowledged', () => {
    const { peer, run, syn, listener } = server();
    syn('hello');
    const child = listener.accept()!;
    child.send('world');
    expect(peer.heard()).toEqual(['S. 0:0(0) 6', 'P. 1:6(5) 6']);
    run(3500);
    expect(peer.heard()).toEqual(['S. 0:0(0) 6', 'S. 0:0(0) 6']);
    peer.next = 6;
    peer.say({ flags: '.', ack: 1 });
    expect(child.state).toBe(TCP_ESTABLISHED);
    run(2000);
    expect(peer.heard()).toContain('P. 1:6(5) 6');
    peer.say({ flags: '.', ack: 6 });
    child.close();
  });

  test('gives up when SYN-ACK is never acknowledged', () => {
    const { alice, peer, run, syn, listener } = server();
    syn('hello');
    const child = listener.accept()!;
    run(200_000);
    expect(peer.heard()).toHaveLength(7);
    expect(child.state).toBe(TCP_CLOSE);
    expect(listener.sk.requests!.fastOpenLength).toBe(0);
    expect(alice.count('TcpExtTCPAbortOnTimeout')).toBe(1);
    child.close();
  });

  test('a SYN that comes again is answered again, data once', () => {
    const { peer, syn, listener } = server();
    syn('hello');
    peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS, payload: 5 });
    const child = listener.accept()!;
    expect(child.text()).toBe('hello');
    expect(listener.accept()).toBeNull();
    expect(peer.heard()).toEqual(['S. 0:0(0) 6', 'S. 0:0(0) 6']);
    child.close();
  });

  test('closing before the handshake ends sends FIN with what was written', () => {
    const { peer, syn, listener } = server();
    syn('hello');
    const child = listener.accept()!;
    child.text();
    child.send('world');
    child.close();
    expect(child.state).toBe(TCP_FIN_WAIT1);
    peer.take();
    peer.next = 6;
    peer.say({ flags: '.', ack: 7 });
    expect(child.state).not.toBe(TCP_FIN_WAIT1);
  });

  test('a forged cookie gets the usual handshake, the right cookie, and no data', () => {
    const { alice, peer, syn, listener, cookie } = server();
    const forged = cookie.map((byte) => byte ^ 1);
    syn('hello', { fastOpen: { cookie: forged } });
    const [answer] = peer.take();
    expect([(answer.ack - peer.isn) | 0, answer.options.fastOpen?.cookie]).toEqual([1, cookie]);
    expect(listener.accept()).toBeNull();
    expect(alice.count('TcpExtTCPFastOpenPassiveFail')).toBe(1);
    peer.say({ flags: '.', seq: 1 });
    expect(listener.accept()!.text()).toBeLessThan(0);
  });

  test('believes cookies of the old key for a while, and gives out those of the new one', () => {
    const { alice, peer, syn, listener, cookie } = server();
    alice.tcp.fastOpenKeys = FastOpenKeys.fromText('9-9-9-9,00000001-00000002-00000003-00000004');
    syn('hello');
    const [answer] = peer.take();
    expect((answer.ack - peer.isn) | 0).toBe(6);
    expect(answer.options.fastOpen!.cookie).not.toEqual(cookie);
    expect(alice.count('TcpExtTCPFastOpenPassiveAltKey')).toBe(1);
    listener.accept()!.close();
  });

  test('without the option, without TCP_FASTOPEN, without the setting: the usual handshake', () => {
    for (const prepare of [
      (): Segment['options'] => ({}),
      (s: ReturnType<typeof server>): Segment['options'] => {
        s.alice.tcp.sysctl.tcp_fastopen = 1;
        return { fastOpen: { cookie: s.cookie } };
      },
      (s: ReturnType<typeof server>): Segment['options'] => {
        s.listener.option(TCP_FASTOPEN, 0);
        return { fastOpen: { cookie: s.cookie } };
      },
    ]) {
      const s = server();
      s.syn('hello', prepare(s));
      const [answer] = s.peer.take();
      expect([(answer.ack - s.peer.isn) | 0, answer.options.fastOpen]).toEqual([1, undefined]);
      expect(s.listener.accept()).toBeNull();
    }
  });

  test('data without a cookie, for the host or one listener', () => {
    for (const allow of [
      (s: ReturnType<typeof server>) => (s.alice.tcp.sysctl.tcp_fastopen = 0x203),
      (s: ReturnType<typeof server>) => s.listener.option(TCP_FASTOPEN_NO_COOKIE, 1),
    ]) {
      const s = server();
      allow(s);
      s.syn('hello', {});
      expect(s.listener.accept()!.text()).toBe('hello');
    }
  });

  test('no more than the backlog begin early; one that was reset counts for a minute', () => {
    const { alice, peer, run, syn, listener } = server(1);
    syn('one');
    const first = listener.accept()!;
    peer.take();
    peer.say({ flags: 'R', seq: 4 });
    expect([first.state, first.sk.err]).toEqual([TCP_CLOSE, ECONNRESET]);
    syn('two');
    expect(peer.take().map((s) => (s.ack - peer.isn) | 0)).toEqual([1]);
    expect(alice.count('TcpExtTCPFastOpenListenOverflow')).toBe(1);
    run(61_000);
    peer.take();
    syn('three');
    expect(listener.accept()!.text()).toBe('three');
    first.close();
  });

  test('every listener may, if the setting says so', () => {
    const { alice, peer } = byHand();
    alice.tcp.sysctl.tcp_fastopen = 0x602;
    const listener = alice.open().listen(80, 7);
    expect(listener.sk.settings.fastopenBacklog).toBe(7);
    peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS, payload: 3 });
    expect(listener.accept()!.recv()).toBe(3);
  });

  test('closing the listener resets what began early', () => {
    const { peer, syn, listener } = server();
    syn('hello');
    peer.take();
    listener.close();
    expect(peer.heard()).toEqual(['R. 1:1(0) 6']);
  });
});

/** Alice asks Bob for a cookie, with an ordinary connection; Bob listens with Fast Open. */
function client(sysctl = 1) {
  const lab = twoHosts();
  const { alice, bob, run } = lab;
  alice.tcp.sysctl.tcp_fastopen = sysctl;
  bob.tcp.sysctl.tcp_fastopen = 2;
  const listener = bob.open().listen(80);
  listener.option(TCP_FASTOPEN, 16);
  const finish = (...ends: End[]): void => {
    for (const end of ends) end.close();
    run(200_000);
  };
  const ask = (): void => {
    const first = alice.open();
    expect(first.sendFastOpen('first', BOB, 80)).toBe(-EINPROGRESS);
    run(100);
    finish(first, listener.accept()!);
    lab.link.log.length = 0;
  };
  return { ...lab, listener, ask, finish };
}

describe('a client', () => {
  test('asks for a cookie, and the next time its SYN carries data', () => {
    const { alice, bob, link, listener, ask, run, finish } = client();
    ask();
    const second = alice.open();
    expect(second.sendFastOpen('hello', BOB, 80)).toBe(5);
    run(10);
    const child = listener.accept()!;
    expect(child.text()).toBe('hello');
    child.send('world');
    run(11);
    expect([second.state, second.text()]).toEqual([TCP_ESTABLISHED, 'world']);
    expect(link.log.slice(0, 3).map((s) => [s.flags, text(s)])).toEqual([
      ['S', 'hello'],
      ['S.', ''],
      ['P.', 'world'],
    ]);
    expect([alice.count('TcpExtTCPFastOpenActive'), bob.count('TcpExtTCPFastOpenPassive')]).toEqual([1, 1]);
    expect(second.sk.fastOpen!.synDataAcked).toBe(true);
    finish(second, child);
  });

  test('what has no room in the SYN is for the next send', () => {
    const { alice, listener, ask, run, finish } = client();
    ask();
    const second = alice.open();
    expect(second.sendFastOpen(5000, BOB, 80)).toBe(1420);
    run(100);
    expect(second.send(3580)).toBe(3580);
    run(100);
    const child = listener.accept()!;
    expect(child.recv()).toBe(5000);
    finish(second, child);
  });

  test('a server that changed its key: data go again after the handshake', () => {
    const { alice, bob, listener, ask, run, link, finish } = client();
    ask();
    bob.tcp.fastOpenKeys = FastOpenKeys.fromText('7-7-7-7');
    const second = alice.open();
    expect(second.sendFastOpen('hello', BOB, 80)).toBe(5);
    run(100);
    const child = listener.accept()!;
    expect(child.text()).toBe('hello');
    expect(link.log.map((s) => [s.flags, text(s)]).slice(0, 3)).toEqual([
      ['S', 'hello'],
      ['S.', ''],
      ['P.', 'hello'],
    ]);
    expect(alice.count('TcpExtTCPFastOpenActiveFail')).toBe(1);
    const third = alice.open();
    expect(third.sendFastOpen('again', BOB, 80)).toBe(5);
    run(100);
    expect(alice.count('TcpExtTCPFastOpenActive')).toBe(1); // the new cookie was kept
    finish(second, third, child, listener.accept()!);
  });

  test('a SYN with data that is lost goes again without them', () => {
    const { alice, listener, ask, run, link, finish } = client();
    ask();
    link.drop = (s) => s.flags === 'S' && s.payload.length > 0;
    const second = alice.open();
    expect(second.sendFastOpen('hello', BOB, 80)).toBe(5);
    run(2000);
    const child = listener.accept()!;
    expect(child.text()).toBe('hello');
    const syns = link.log.filter((s) => s.flags === 'S');
    expect(syns.map((s) => [text(s), s.options.fastOpen !== undefined])).toEqual([
      ['hello', true],
      ['', false],
    ]);
    expect(second.sk.fastOpen!.clientFail).toBe(3);
    finish(second, child);
  });

  test('a network that swallows such SYNs is spared them for a while', () => {
    const { alice, run, link, ask, finish } = client();
    ask();
    alice.tcp.sysctl.tcp_fastopen_blackhole_timeout_sec = 3600;
    link.drop = (s) => s.flags === 'S';
    const second = alice.open();
    second.sendFastOpen('hello', BOB, 80);
    run(4000);
    expect(alice.count('TcpExtTCPFastOpenBlackhole')).toBe(1);
    const third = alice.open();
    expect(third.sendFastOpen('hello', BOB, 80)).toBe(-EINPROGRESS);
    expect(link.log.at(-1)!.options.fastOpen).toBeUndefined();
    run(3_600_000);
    const fourth = alice.open();
    expect(fourth.sendFastOpen('hello', BOB, 80)).toBe(5);
    finish(second, third, fourth);
  });

  test('a server that knows only the experimental option is asked with it', () => {
    const { alice, peer, run } = byHand();
    const asked = (): Segment => {
      const end = alice.open();
      end.sendFastOpen('x', BOB, 80);
      const [syn] = peer.take();
      [peer.theirs, peer.sport, peer.dport] = [syn.seq, 80, syn.sport];
      peer.say({ flags: 'S.', seq: 0, ack: 1, options: { mss: 1460 } });
      peer.say({ flags: 'R.', seq: 1, ack: 1 });
      end.close();
      run(10);
      peer.take();
      return syn;
    };
    expect(asked().options.fastOpen).toEqual({ cookie: NONE });
    expect(asked().options.fastOpen).toEqual({ cookie: NONE, experimental: true });
    expect(asked().options.fastOpen).toEqual({ cookie: NONE });
  });

  test('TCP_FASTOPEN_CONNECT: connect says yes, and the first write is the SYN', () => {
    const { alice, listener, ask, run, link, finish } = client();
    ask();
    const end = alice.open();
    expect(end.option(TCP_FASTOPEN_CONNECT, 1)).toBe(0);
    expect(end.connect(BOB, 80)).toBe(1);
    run(1000);
    expect([link.log.length, end.state, end.poll()]).toEqual([0, TCP_SYN_SENT, EPOLLOUT]);
    expect(end.connect(BOB, 80)).toBe(-EISCONN);
    expect(end.send('hello')).toBe(5);
    run(100);
    const child = listener.accept()!;
    expect([child.text(), text(link.log[0])]).toEqual(['hello', 'hello']);
    finish(end, child);
  });

  test('TCP_FASTOPEN_CONNECT without a cookie connects at once and asks', () => {
    const { alice, listener, run, link, finish } = client();
    const end = alice.open();
    end.option(TCP_FASTOPEN_CONNECT, 1);
    expect(end.connect(BOB, 80)).toBe(0);
    expect(link.log[0].options.fastOpen).toEqual({ cookie: NONE });
    run(100);
    finish(end, listener.accept()!);
    const second = alice.open();
    second.option(TCP_FASTOPEN_CONNECT, 1);
    expect(second.connect(BOB, 80)).toBe(1);
    second.close();
  });

  test('without cookies at all, if both sides agree', () => {
    const { alice, bob, listener, run, finish } = client(5);
    bob.tcp.sysctl.tcp_fastopen = 0x202;
    const end = alice.open();
    expect(end.sendFastOpen('hello', BOB, 80)).toBe(5);
    run(100);
    const child = listener.accept()!;
    expect(child.text()).toBe('hello');
    expect(alice.count('TcpExtTCPFastOpenActive')).toBe(1);
    finish(end, child);
  });

  test('errors', () => {
    const { alice, run, listener, finish } = client();
    const end = alice.open();
    expect(end.option(TCP_FASTOPEN_CONNECT, 2)).toBe(-EINVAL);
    expect(end.option(TCP_FASTOPEN_KEY, new Uint8Array(15))).toBe(-EINVAL);
    end.sendFastOpen('x', BOB, 80);
    expect(end.sendFastOpen('x', BOB, 80)).toBe(-EALREADY);
    run(100);
    expect(end.sendFastOpen('x', BOB, 80)).toBe(-EISCONN);
    expect(end.option(TCP_FASTOPEN_CONNECT, 1)).toBe(-EINVAL);
    alice.tcp.sysctl.tcp_fastopen = 0;
    expect(alice.open().sendFastOpen('x', BOB, 80)).toBe(-EOPNOTSUPP);
    expect(alice.open().option(TCP_FASTOPEN_CONNECT, 1)).toBe(-EOPNOTSUPP);
    finish(end, listener.accept()!);
  });
});

test('keys as text and as bytes', () => {
  const keys = FastOpenKeys.fromText('1-2-3-4,a-b-c-ffffffff')!;
  expect(keys.toText()).toBe('00000001-00000002-00000003-00000004,0000000a-0000000b-0000000c-ffffffff');
  expect(FastOpenKeys.fromBytes(keys.toBytes())!.toText()).toBe(keys.toText());
  expect([...keys.primary.subarray(0, 5)]).toEqual([1, 0, 0, 0, 2]);
  for (const wrong of ['', '1-2-3', '1-2-3-4,', '1-2-3-g', '1-2-3-4,1-2-3-4,1-2-3-4'])
    expect(FastOpenKeys.fromText(wrong)).toBeNull();
});
