/** Programs that users might write, each with what it prints. */

export interface Program {
  readonly title: string;
  /** Packages to install, besides tools. */
  readonly packages: readonly string[];
  readonly tools?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** What is run, one after the other; the last one prints `prints`. */
  readonly commands: readonly (readonly string[])[];
  readonly prints: string;
  /** All that npm may have installed of @stack; whatever it needs unless given. */
  readonly onlyStack?: readonly string[];
}

const SKB = `
import { Arena } from '@stack/memory';
import { SkbPool, ip } from '@stack/skb';

const pool = new SkbPool(new Arena(1 << 20));
const skb = pool.alloc(64)TS!;
skb.reserve(20);
skb.networkHeader = skb.push(20);
ip.setVersionIhl(skb, 0x45);
ip.setTotalLength(skb, skb.len);
ip.sendCheck(skb);
console.log(\`\${skb.len} bytes, header \${ip.checkIsRight(skb) ? 'right' : 'wrong'}\`);
skb.consume();
`;

const WHOLE = `
import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';

const clock = virtualClock();
const lab = createLab({ clock, seed: 7 });
const cable = lab.cable({ delay: '1ms' });
const server = lab.host({ name: 'server', use: inet(), devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
const client = lab.host({ name: 'client', use: inet(), devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
server.http().createServer((_, response) => response.end('hello')).listen(80);
const response = await clock.settle(client.fetch('http://server/'));
console.log(await clock.settle(response.text()));
lab.close();
`;

/** Everything up to sockets, without what needs Node. */
const PAGE = `
import { Clock, Random, seededRandom, virtualClock } from '@stack/clock';
import { Ipv4, ipv4, parseIpv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { Arena, Memory } from '@stack/memory';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import { Container } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { skbs } from '@stack/skb';
import { sockets, SOCK_DGRAM } from '@stack/sock';
import { AF_INET, BsdSockets, bsdSockets } from '@stack/socket';
import { softirqs } from '@stack/softirq';
import { tcp } from '@stack/tcp';
import { udp } from '@stack/udp';

const clock = virtualClock();
const machine = {
  name: 'machine',
  provide(provider) {
    provider.bind(Clock, () => clock);
    provider.bind(Random, () => seededRandom(7));
    provider.bind(Memory, () => new Arena(1 << 24));
  },
};
const host = new Container('page');
host.use([machine, skbs(), softirqs({ name: 'page' }), netdev(), pfifoFast(), loopback(), arp(), netfilter(), ipv4(), sockets(), udp(), tcp(), bsdSockets()]);
const bsd = host.get(BsdSockets);
const receiver = bsd.socket(AF_INET, SOCK_DGRAM);
bsd.bind(receiver, parseIpv4('127.0.0.1'), 7);
const sender = bsd.socket(AF_INET, SOCK_DGRAM);
bsd.connect(sender, parseIpv4('127.0.0.1'), 7);
bsd.send(sender, new TextEncoder().encode('from the page'));
clock.runFor(1e9);
const into = new Uint8Array(100);
const length = bsd.recv(receiver, into);
document.title = new TextDecoder().decode(into.subarray(0, length)) + (host.get(Ipv4) ? '' : ' without IPv4');
host.close();
`;

/**
 * Runs the script of a built page where there is what a page has and nothing of Node: no import can be resolved, and there is no
 * require, process or Buffer.
 */
const RUN_PAGE = `
import { readFileSync, readdirSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const scripts = readdirSync('dist/assets').filter((name) => name.endsWith('.js'));
if (scripts.length !== 1) throw new Error('the page has scripts besides its own: ' + scripts.join());
const code = readFileSync('dist/assets/' + scripts[0], 'utf8');
const builtin = /node:[a-z_]+|__vite-browser-external|\\brequire\\(["']/.exec(code);
if (builtin !== null) throw new Error('the page needs Node: ' + builtin[0]);
const document = { title: '', querySelectorAll: () => [], querySelector: () => null, createElement: () => ({ relList: { supports: () => true } }) };
class MutationObserver { observe() {} }
const page = { document, MutationObserver, TextEncoder, TextDecoder, setTimeout, clearTimeout, queueMicrotask, performance };
runInNewContext(code, page);
if ('process' in page || 'Buffer' in page) throw new Error('the page made up parts of Node');
console.log(document.title);
`;

const QDISC = `
const { virtualClock, Clock, Random, seededRandom } = require('@stack/clock');
const { Arena, Memory } = require('@stack/memory');
const { NetCore, netdev } = require('@stack/netdev');
const { Container } = require('@stack/plugin');
const { pfifo, pfifoFast } = require('@stack/qdisc');
const { skbs } = require('@stack/skb');
const { softirqs } = require('@stack/softirq');

const host = new Container('old');
const machine = {
  name: 'machine',
  provide(provider) {
    provider.bind(Clock, () => virtualClock());
    provider.bind(Random, () => seededRandom(7));
    provider.bind(Memory, () => new Arena(1 << 20));
  },
};
host.use([machine, skbs(), softirqs({ name: 'old' }), netdev(), pfifoFast(), pfifo()]);
console.log(host.get(NetCore).qdiscKinds.names.join(' '));
host.close();
`;

const tsconfig = (options: object): string =>
  JSON.stringify({
    compilerOptions: { target: 'ES2023', strict: true, verbatimModuleSyntax: true, types: ['node'], ...options },
    include: ['src'],
  });

const javascript = SKB.replace('TS!', '');
const typescript = SKB.replace('TS!', '!');
const SKB_NEEDS = ['clock', 'memory', 'plugin', 'skb', 'trace'];
const TYPESCRIPT = ['typescript@^6', '@types/node@^20'];
const PAGE_PACKAGES = [...PAGE.matchAll(/'@stack\/([a-z]+)'/g)].map(([, name]) => name!);

export const programs: readonly Program[] = [
  {
    title: '@stack/skb alone, ESM JavaScript',
    packages: ['skb'],
    files: { 'main.js': javascript },
    commands: [['node', 'main.js']],
    prints: '20 bytes, header right',
    onlyStack: SKB_NEEDS,
  },
  {
    title: '@stack/qdisc with its needs, CommonJS by require',
    packages: ['qdisc'],
    files: { 'main.cjs': QDISC },
    commands: [['node', '--no-warnings', 'main.cjs']],
    prints: 'noqueue pfifo_fast pfifo',
    onlyStack: ['clock', 'memory', 'netdev', 'plugin', 'qdisc', 'skb', 'softirq', 'trace'],
  },
  {
    title: 'the whole, ESM JavaScript',
    packages: ['host', 'clock'],
    files: { 'main.js': WHOLE },
    commands: [['node', 'main.js']],
    prints: 'hello',
  },
  {
    title: 'the whole, CommonJS by require',
    packages: ['host', 'clock'],
    files: {
      'main.cjs': `${WHOLE.replace(/import (\{.*\}) from ('.*');/g, 'const $1 = require($2);').replace(/(const clock =)/, '(async () => {\n$1')}})();`,
    },
    commands: [['node', '--no-warnings', 'main.cjs']],
    prints: 'hello',
  },
  {
    title: 'TypeScript, nodenext',
    packages: ['skb', 'memory', 'host', 'clock'],
    tools: TYPESCRIPT,
    files: {
      'src/main.ts': `${typescript}${WHOLE}`,
      'tsconfig.json': tsconfig({ module: 'nodenext', outDir: 'dist', rootDir: 'src' }),
    },
    commands: [
      ['npx', 'tsc'],
      ['node', 'dist/main.js'],
    ],
    prints: '20 bytes, header right\nhello',
  },
  {
    title: 'TypeScript, bundler, and a page built by Vite',
    packages: PAGE_PACKAGES,
    tools: [...TYPESCRIPT, 'vite@^8'],
    files: {
      'src/main.ts': PAGE.replace('provide(provider)', "provide(provider: import('@stack/plugin').Provider)"),
      'index.html': '<!doctype html><title></title><script type="module" src="/src/main.ts"></script>',
      'tsconfig.json': tsconfig({
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['ES2023', 'DOM'],
        noEmit: true,
      }),
      'vite.config.js': 'export default { logLevel: "warn" };',
      'run.js': RUN_PAGE,
    },
    commands: [
      ['npx', 'tsc'],
      ['npx', 'vite', 'build'],
      ['node', 'run.js'],
    ],
    prints: 'from the page',
  },
];
