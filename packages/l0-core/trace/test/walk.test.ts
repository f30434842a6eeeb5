import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatWalk, tracing, WalkRecorder } from '../src/index.ts';

const before = tracing.context;
let now = 0;
let recorder: WalkRecorder;

beforeEach(() => {
  now = 5_000_000;
  recorder = new WalkRecorder({ look: () => now }, 20);
});
afterEach(() => {
  tracing.context = before;
});

function pass(host: string, context: string, fn: string, id: number, note: string | number = '', len = 100): void {
  tracing.context = { host, cpu: 0, context };
  recorder.hit(fn, { id, len }, note);
}

/** A packet from client to server that is dropped there, among others. */
function packet(): void {
  pass('client', 'process', 'tcp_sendmsg', 7);
  pass('client', 'process', 'tcp_sendmsg', 99);
  recorder.born({ id: 8, len: 100 }, { id: 7, len: 100 });
  now += 500;
  pass('client', 'process', 'ip_queue_xmit', 8, 'routed', 152);
  recorder.born({ id: 100, len: 0 }, { id: 99, len: 0 });
  recorder.born({ id: 9, len: 166 }, { id: 8, len: 166 });
  now += 2_000_000;
  pass('server', 'softirq', 'ip_rcv', 9, '', 152);
  pass('server', 'softirq', 'ip_rcv', 100);
  pass('server', 'softirq', 'kfree_skb', 9, 'NO_SOCKET', 152);
}

describe('a recorder', () => {
  it('keeps time, place and packet of each trace point', () => {
    packet();
    expect(recorder.length).toBe(6);
    expect(recorder.step(2)).toEqual({
      ...{ time: 5_000_500, host: 'client', cpu: 0, context: 'process' },
      ...{ fn: 'ip_queue_xmit', id: 8, len: 152, note: 'routed' },
    });
  });

  it('finds the packet that is asked for', () => {
    packet();
    expect(recorder.find(({ fn, host }) => fn === 'ip_rcv' && host === 'server')).toMatchObject({
      id: 9,
      time: 7_000_500,
    });
    expect(recorder.find(() => false)).toBeUndefined();
  });

  it('follows a packet through all buffers that carry it', () => {
    packet();
    const names = (id: number): string[] => recorder.walk(id).map(({ fn }) => fn);
    expect(names(7)).toEqual(['tcp_sendmsg', 'ip_queue_xmit', 'ip_rcv', 'kfree_skb']);
    expect(names(8)).toEqual(['ip_queue_xmit', 'ip_rcv', 'kfree_skb']);
    expect(names(5)).toEqual([]);
  });

  it('stops when it is full, and says what it missed', () => {
    for (let i = 0; i < 25; i++) pass('client', 'process', `fn${i}`, 1);
    for (let i = 0; i < 22; i++) recorder.born({ id: 2, len: 0 }, { id: 1, len: 0 });
    expect([recorder.length, recorder.missed, recorder.step(19).fn]).toEqual([20, 7, 'fn19']);
    recorder.clear();
    packet();
    expect([recorder.length, recorder.missed]).toEqual([6, 0]);
    expect(recorder.walk(1)).toEqual([]);
  });
});

describe('a walk as text', () => {
  it('shows time, place, function, length, notes, waits and the end', () => {
    packet();
    expect(formatWalk(recorder.walk(7))).toBe(
      [
        '          us where            function                        bytes',
        '       0.000 client/0 process tcp_sendmsg                       100',
        '       0.500 client/0 process ip_queue_xmit                     152 #8 routed',
        '             waited 2000.000 us',
        '    2000.500 server/0 softirq ip_rcv                            152 #9',
        '    2000.500 server/0 softirq dropped                           152 NO_SOCKET',
        '',
      ].join('\n'),
    );
  });

  it('tells of waits from the length on that is asked for', () => {
    packet();
    const waits = (wait: number): number => formatWalk(recorder.walk(7), { wait }).split('waited').length - 1;
    expect([waits(500), waits(501), waits(2_000_001)]).toEqual([2, 1, 0]);
  });

  it('of no packet says so', () => {
    expect(formatWalk([])).toBe('no steps\n');
  });
});
