import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { networkNamespace } from '@stack/testing';

/** A packet that arrived at the discipline, and, if it left it, when. Times in ns from the first arrival on. */
export interface Passage {
  /** Number of the packet. */
  seq: number;
  priority: number;
  bytes: number;
  arrived: number;
  left: number | null;
}

/** When a packet is to be sent, ns. */
export interface Planned {
  at: number;
  /** Of the whole frame. */
  bytes: number;
  /** SO_PRIORITY: a classid, or a priority. */
  priority: number;
}

const PROGRAMS = ['ip', 'tc', 'tcpdump', 'python3'];
/** Ethernet, IPv4 and UDP. */
const HEADERS = 42;
const NANOSECOND_PCAP = 0xa1b23c4d;

/** Sends UDP packets as planned, and tells when it did. */
const SENDER = `
import json, socket, sys, time
plan = json.load(sys.stdin)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 32, 8 << 20)
s.connect(('10.99.0.2', 9))
start = time.monotonic_ns() + 50000000
told = []
last = None
for seq, (at, size, priority) in enumerate(plan):
    if priority != last:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, priority)
        last = priority
    data = seq.to_bytes(4, 'big') + bytes(size - 4)
    while True:
        left = start + at - time.monotonic_ns()
        if left <= 0: break
        if left > 2000000: time.sleep((left - 1000000) / 1e9)
    before = time.monotonic_ns()
    s.send(data)
    told.append((before, time.monotonic_ns()))
json.dump(told, sys.stdout)
`;

/** How a measurement is set up, and when it is worth nothing. */
export interface Surroundings {
  txQueueLen?: number;
  /**
   * A packet enters its discipline while the sender sends it: when that takes longer, in ns, for any packet, then nobody knows when
   * it was. Matters where the fate of single packets is compared.
   */
  doubt?: number;
  /** How late the sender may be, ns. */
  late?: number;
}

/** When the processor was away so long, ns, then its timers were late as well. Bursts that last longer bear it. */
const MOST_LATE = 7_000_000;
const ATTEMPTS = 8;
/** What waits in disciplines leaves in half a second, ms, and tcpdump is told of packets up to a second after they came. */
const LAST_PACKETS = 2000;

/** What keeps the kernel here from being asked, or null. */
export function lacking(kinds: readonly string[]): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux';
  const program = PROGRAMS.find((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (program !== undefined) return program;
  const space = `stack-probe-${process.pid}`;
  execFileSync('ip', ['netns', 'add', space]);
  try {
    return kinds.find((kind) => !hasKind(space, kind)) ?? null;
  } finally {
    execFileSync('ip', ['netns', 'delete', space]);
  }
}

const ARGUMENTS: Record<string, string[]> = { tbf: ['rate', '1mbit', 'burst', '10k', 'limit', '10k'] };

function hasKind(space: string, kind: string): boolean {
  const args = [
    'netns',
    'exec',
    space,
    'tc',
    'qdisc',
    'replace',
    'dev',
    'lo',
    'root',
    kind,
    ...(ARGUMENTS[kind] ?? []),
  ];
  return spawnSync('ip', args).status === 0;
}

/** Sends packets through disciplines of the kernel, set up with lines of `tc` (without `dev`), and sees which come out. */
export async function throughKernel(
  setup: readonly string[],
  plan: readonly Planned[],
  { txQueueLen = 1000, doubt: mostDoubt = MOST_LATE, late: mostLate = MOST_LATE }: Surroundings = {},
): Promise<Passage[]> {
  const space = networkNamespace();
  space.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  space.configure('v0', '10.99.0.1/24');
  space.configure('v1', '10.98.0.1/24');
  space.run('ip', 'link', 'set', 'v0', 'txqueuelen', `${txQueueLen}`);
  const mac = space.run('cat', '/sys/class/net/v1/address').trim();
  space.run('ip', 'neigh', 'add', '10.99.0.2', 'lladdr', mac, 'dev', 'v0');
  const folder = mkdtempSync(`${tmpdir()}/qdisc-`);
  try {
    for (let left = ATTEMPTS; left > 0; left--) {
      // Each attempt finds the disciplines as new.
      for (const line of setup) space.run('tc', ...line.replace('DEV', 'dev v0').split(' '));
      const told = await capture(space.name, `${folder}/out.pcap`, plan);
      space.run('tc', 'qdisc', 'delete', 'dev', 'v0', 'root');
      const began = told.map(([before]) => before);
      const doubt = Math.max(...told.map(([before, after]) => after - before));
      const late = Math.max(...began.map((time, seq) => time - began[0] - plan[seq].at));
      if (doubt < mostDoubt && late < mostLate) return passages(plan, began, readFileSync(`${folder}/out.pcap`));
      console.log(`measured again: sending took ${doubt / 1e6} ms, and was ${late / 1e6} ms late`);
    }
    throw new Error(`this machine is too busy to tell when packets were sent, ${ATTEMPTS} times`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the sender while tcpdump looks at the other end. Returns when the sending of packets began and ended. */
async function capture(space: string, file: string, plan: readonly Planned[]): Promise<[number, number][]> {
  const filter = [
    '-n',
    '--time-stamp-precision=nano',
    '-s',
    '64',
    '-B',
    '8192',
    '-U',
    '-i',
    'v1',
    '-w',
    file,
    'udp port 9',
  ];
  const tcpdump = spawn('ip', ['netns', 'exec', space, 'tcpdump', ...filter], { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = new Promise<void>((resolve) => tcpdump.once('close', () => resolve()));
  await Promise.race([new Promise<void>((resolve) => tcpdump.stderr.once('data', () => resolve())), closed]);
  const input = JSON.stringify(plan.map(({ at, bytes, priority }) => [at, bytes - HEADERS, priority]));
  const sender = spawn('ip', ['netns', 'exec', space, 'python3', '-c', SENDER], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  sender.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  sender.stdin.end(input);
  await new Promise((resolve) => sender.once('close', resolve));
  await new Promise((resolve) => setTimeout(resolve, LAST_PACKETS));
  tcpdump.kill('SIGKILL'); // what it saw is written: -U
  await closed;
  return JSON.parse(output) as [number, number][];
}

/** Brings together when packets were sent and when they were seen. The clocks meet at the packet that was fastest. */
function passages(plan: readonly Planned[], told: readonly number[], pcap: Buffer): Passage[] {
  const seen = new Map(frames(pcap));
  const offsets = [...seen].map(([seq, at]) => at - told[seq]);
  const offset = Math.min(...offsets);
  return plan.map(({ bytes, priority }, seq) => {
    const at = seen.get(seq);
    return {
      seq,
      priority,
      bytes,
      arrived: told[seq] - told[0],
      left: at === undefined ? null : at - offset - told[0],
    };
  });
}

/** Numbers of the captured packets, with their times. */
function* frames(pcap: Buffer): Generator<[number, number]> {
  if (pcap.readUInt32LE(0) !== NANOSECOND_PCAP) throw new Error('not a capture with nanoseconds');
  const start = pcap.readUInt32LE(24);
  for (let at = 24; at + 16 <= pcap.length;) {
    const time = (pcap.readUInt32LE(at) - start) * 1e9 + pcap.readUInt32LE(at + 4);
    const length = pcap.readUInt32LE(at + 8);
    yield [pcap.readUInt32BE(at + 16 + HEADERS), time];
    at += 16 + length;
  }
}
