import { InetProtocols } from '@stack/ipv4';
import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';
import { tcp } from '@stack/tcp';
import { machine } from '@stack/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createLab, e1000, inet, type Lab } from '../src/index.ts';

function lab(): Lab {
  const { clock } = machine({ seed: 1 });
  const made = createLab({ clock, seed: 1 });
  onTestFinished(() => made.close());
  return made;
}

/** What was thrown, as a user sees it. */
function mistake(make: () => unknown): { code: string; message: string } {
  try {
    make();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

test('two plugins for one protocol number', () => {
  const otherTcp: Plugin = {
    name: 'other-tcp',
    attach: (services) =>
      services.get(InetProtocols).add(ip.PROTO_TCP, {
        name: 'other-tcp',
        netnsOk: true,
        noPolicy: false,
        handler(skb) {
          skb.consume();
          return 0;
        },
      }),
  };
  const { code, message } = mistake(() => lab().host({ name: 'alice', use: [...inet(), otherTcp] }));
  expect(code).toBe('ERR_STACK_PROTOCOL_TAKEN');
  expect(message).toContain('6');
});

test('a missing lower floor', () => {
  const { code, message } = mistake(() => lab().host({ name: 'alice', use: [tcp()] }));
  expect(code).toBe('ERR_STACK_MISSING_SERVICE');
  expect(message).toMatch(/add \w+\(\)/);
});

test('an address that is none', () => {
  const made = lab();
  const { a } = made.cable();
  const { code, message } = mistake(() =>
    made.host({ name: 'alice', use: inet(), devices: { eth0: e1000({ port: a, address: '10.0.0.300/24' }) } }),
  );
  expect(code).toBe('ERR_STACK_ADDRESS');
  expect(message).toContain("'10.0.0.300' is no IPv4 address: write four numbers");
});

test('a cable end used twice', () => {
  const made = lab();
  const { a } = made.cable();
  const device = () => e1000({ port: a, address: '10.0.0.1/24' });
  const { code, message } = mistake(() =>
    made.host({ name: 'alice', use: inet(), devices: { eth0: device(), eth1: device() } }),
  );
  expect(code).toBe('ERR_STACK_PORT_TAKEN');
  expect(message).toMatch(/cable/);
});
