import { Clock } from '@stack/clock';
import { parseIpv4 } from '@stack/ipv4';
import { token, type Plugin } from '@stack/plugin';
import { BsdSockets } from '@stack/socket';
import { dgramOver, type Dgram } from './dgram.ts';
import { fetchOver, type Fetch } from './fetch.ts';
import { httpOver, type Http } from './http.ts';
import { netContext, netOver, type Net } from './net.ts';

/** Node's network modules for one host. */
export interface NodeNet {
  /** @internal Lets the process end although servers still listen: the host is gone. */
  close(): void;
  readonly net: Net;
  readonly dgram: Dgram;
  readonly http: Http;
  readonly fetch: Fetch;
}

export const NodeNet = token<NodeNet>('NodeNet', 'add nodeNet() to the host');

/** What names mean on this host. */
export interface Names {
  /** int32, or null. */
  resolve(name: string): number | null;
}

export const Names = token<Names>('Names', 'add names() to the host');

/** Gives a host `node:net`, `node:dgram`, `node:http` and fetch over its own sockets. */
export function nodeNet(): Plugin {
  return {
    name: 'node-net',
    provide: (provider) =>
      provider.bind(NodeNet, (services) => {
        const names = services.find(Names);
        const resolve = (name: string): number | null => addressOf(name) ?? names?.resolve(name) ?? null;
        const context = netContext({ clock: services.get(Clock), sockets: services.get(BsdSockets), resolve });
        const net = netOver(context);
        const http = httpOver(net);
        return { net, dgram: dgramOver(context), http, fetch: fetchOver(http), close: () => context.liveness.close() };
      }),
    attach(services) {
      const node = services.get(NodeNet);
      return () => node.close();
    },
  };
}

/** `localhost` and everything that is written as an address. */
function addressOf(name: string): number | null {
  if (name === 'localhost') return 0x7f000001;
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? parseIpv4(name) : null;
}
