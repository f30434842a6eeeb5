import { createLab, e1000, inet } from '@stack/host';
import nodeNet from 'node:net';
import type { Duplex } from 'node:stream';

/** The part of node:net that the measurements use; both contenders have it. */
export interface NetLike {
  createServer(onConnection: (socket: Duplex) => void): {
    listen(port: number, host: string, done: () => void): unknown;
    close(done?: () => void): unknown;
    address(): { port: number } | string | null;
  };
  connect(options: { port: number; host: string }): Duplex;
}

/** Two ends of a network in this process. */
export interface Contender {
  readonly name: string;
  readonly server: NetLike;
  readonly client: NetLike;
  /** How many connections can be open, both ends here. */
  readonly mostConnections: number;
  /** Where the client reaches the server. */
  readonly address: string;
  close(): Promise<void>;
}

/** Node's own net over the kernel's loopback device. */
export function kernelLoopback(): Contender {
  const net = nodeNet as unknown as NetLike;
  return {
    name: 'node:net over kernel loopback',
    server: net,
    client: net,
    mostConnections: Math.floor((openFiles() - SPARE_FILES) / 2),
    address: '127.0.0.1',
    close: async () => {},
  };
}

/** Files besides sockets. */
const SPARE_FILES = 200;

/** How many files the process may have open: each end of a kernel's connection is one. */
function openFiles(): number {
  const report = process.report.getReport() as { userLimits?: { open_files: { soft: number | 'unlimited' } } };
  const soft = report.userLimits?.open_files.soft ?? 'unlimited';
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** Two of our hosts, each with an e1000, joined by a cable. */
export function stackOverCable(): Contender {
  const lab = createLab();
  const cable = lab.cable();
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  return {
    name: '@stack over an e1000 cable',
    server: server.net as unknown as NetLike,
    client: client.net as unknown as NetLike,
    mostConnections: Infinity,
    address: '10.0.0.1',
    close: async () => lab.close(),
  };
}
