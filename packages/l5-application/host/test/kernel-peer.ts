import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { NetDevice } from '@stack/netdev';
import { Tcp } from '@stack/tcp';
import { networkNamespace, type NetworkNamespace } from '@stack/testing';
import { expect, onTestFinished } from 'vitest';
import { createLab, inet, tapDevice, type Device, type Host, type Lab } from '../src/index.ts';

export const OURS = '10.9.0.2';
export const KERNELS = '10.9.0.1';

const exec = promisify(execFile);

/** A host of ours and the Linux kernel, at the two ends of a TAP device. */
export interface KernelPeer {
  readonly lab: Lab;
  readonly host: Host;
  readonly dev: NetDevice;
  readonly space: NetworkNamespace;
  /** Runs a program on the kernel's side while the stack runs; resolves with what it says. */
  exec(program: string, ...args: string[]): Promise<string>;
  /** Runs one until the test ends; resolves when it says its first line, on either of its outputs. */
  serve(program: string, ...args: string[]): Promise<{ stop(): Promise<void> }>;
  /** The kernel's own counters since the namespace exists, by the names of nstat. */
  counters(): Record<string, number>;
}

/** `more` adds to the devices of the host. */
export function kernelPeer(more: (lab: Lab) => Record<string, Device> = () => ({})): KernelPeer {
  const space = networkNamespace();
  const lab = createLab({ checking: true });
  onTestFinished(() => lab.close());
  const eth0 = tapDevice({ name: 'tap0', namespace: space.name, address: `${OURS}/24` });
  const host = lab.host({ name: 'alice', use: inet(), devices: { eth0, ...more(lab) } });
  space.configure('tap0', `${KERNELS}/24`);
  space.run('sysctl', '-qw', 'net.ipv4.tcp_early_retrans=0');
  withoutLossProbes(host);
  const inside = ['netns', 'exec', space.name];
  return {
    lab,
    host,
    dev: host.devices.find(({ name }) => name === 'eth0')!,
    space,
    exec: async (program, ...args) => (await exec('ip', [...inside, program, ...args], { maxBuffer: 1 << 28 })).stdout,
    serve: (program, ...args) => serve([...inside, program, ...args]),
    counters: () => countersOf(space.run('nstat', '-asz')),
  };
}

/** A tail loss probe would only tell that this machine was busy for some milliseconds. */
export function withoutLossProbes(host: Host): void {
  host.get(Tcp).sysctl.tcp_early_retrans = 0;
}

async function serve(args: string[]): Promise<{ stop(): Promise<void> }> {
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'close');
  };
  onTestFinished(stop);
  const outputs = [child.stdout, child.stderr].map((input) => createInterface({ input }));
  await Promise.race(outputs.map((lines) => once(lines, 'line')));
  return { stop };
}

/** The kernel's own counters that a path without loss and damage leaves at zero. */
const CLEAN = [
  'IpInHdrErrors',
  'IpInAddrErrors',
  'IpInDiscards',
  'IcmpInErrors',
  'IcmpInCsumErrors',
  'TcpInErrs',
  'TcpInCsumErrors',
  'TcpRetransSegs',
  'TcpExtTCPLostRetransmit',
  'TcpExtTCPTimeouts',
  'TcpExtTCPSpuriousRTOs',
  'TcpExtTCPOFOQueue',
  'TcpExtTCPDSACKRecv',
];

/** Fails unless the kernel and our end of the connections saw TCP segments, and nothing wrong with them. */
export function expectCleanTcp({ counters, dev }: KernelPeer, end: Host): void {
  const theirs = counters();
  expect(CLEAN.filter((name) => theirs[name] === undefined)).toEqual([]);
  expectClean(theirs);
  expectClean(end.get(Tcp).mib.snapshot());
  expect(dev.stats).toMatchObject({ rxDropped: 0, rxErrors: 0, txDropped: 0, txErrors: 0 });
}

function expectClean(counters: Record<string, number>): void {
  expect(counters.TcpInSegs).toBeGreaterThan(0);
  expect(CLEAN.filter((name) => counters[name] > 0)).toEqual([]);
}

function countersOf(nstat: string): Record<string, number> {
  const lines = nstat.split('\n').map((line) => line.split(/\s+/));
  return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
}
