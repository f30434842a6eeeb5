import { Random } from '@stack/clock';
import { Arp, RTN_UNREACHABLE, type ArpHost } from '@stack/neigh';
import { NetCore, PacketTypes, registerNetdeviceNotifier } from '@stack/netdev';
import { NetfilterHooks } from '@stack/netfilter';
import type { Plugin, Undo } from '@stack/plugin';
import { inetdevEvent } from './address/events.ts';
import { inetSelectAddr } from './address/select.ts';
import { ETH_P_IP, IPPROTO_ICMP, RT_SCOPE_LINK } from './constants.ts';
import { icmpErr } from './icmp/err.ts';
import { icmpRcv } from './icmp/receive.ts';
import { InetProtocols } from './inet-protocols.ts';
import { ipListRcv, ipRcv } from './input/receive.ts';
import { IpOutput } from './ip-output.ts';
import { Ipv4Output } from './ipv4-output.ts';
import { Ipv4, NetnsIpv4 } from './netns.ts';
import { EgressPrograms } from './output/egress.ts';
import { Policies } from './policy.ts';
import { ipv4LinkFailure } from './route/error.ts';
import { ipRouteInputNoref, ROUTED } from './route/input.ts';
import { skbRtable } from './route/route.ts';

/** Gives a host IPv4 with ICMP. Needs netdev(), arp() and netfilter(). @kernel net/ipv4/af_inet.c inet_init() */
export function ipv4(): Plugin {
  return {
    name: 'ipv4',
    provide(provider) {
      provider.bind(
        Ipv4,
        (services) =>
          new NetnsIpv4(services.get(NetCore), services.get(Arp), services.get(NetfilterHooks), services.get(Random)),
      );
      provider.bind(IpOutput, (services) => new Ipv4Output(services.get(Ipv4)));
      provider.bind(InetProtocols, (services) => services.get(Ipv4).protocols);
      provider.bind(Policies, (services) => services.get(Ipv4).xfrm);
      provider.bind(EgressPrograms, (services) => services.get(Ipv4).egress);
    },
    attach(services) {
      const net = services.get(Ipv4);
      const undos = [
        ipfragInit(net),
        icmpInit(net),
        ipv4ProcInit(net),
        net.arp.serve(arpHost(net)),
        ipInit(net),
        services.get(PacketTypes).add({
          name: 'ipv4',
          type: ETH_P_IP,
          dev: null,
          func: (skb, dev) => ipRcv(net, skb, dev),
          listFunc: (list) => ipListRcv(net, list),
        }),
      ];
      return () => {
        for (const undo of undos.toReversed()) undo();
      };
    },
  };
}

/** Devices, addresses and routes. @kernel net/ipv4/ip_output.c ip_init() */
function ipInit(net: NetnsIpv4): Undo {
  return registerNetdeviceNotifier(net.core, (event, dev) => inetdevEvent(net, event, dev));
}

/** Reassembly. @kernel net/ipv4/ip_fragment.c ipfrag_init() */
function ipfragInit(net: NetnsIpv4): Undo {
  return () => net.frags.clear();
}

/** Counters for display. @kernel net/ipv4/proc.c ipv4_proc_init() */
function ipv4ProcInit(net: NetnsIpv4): Undo {
  const undos = [net.proc.add(net.mib), net.proc.add(net.icmp.mib)];
  return () => {
    for (const undo of undos) undo();
  };
}

/** @kernel net/ipv4/icmp.c icmp_init() */
function icmpInit(net: NetnsIpv4): Undo {
  return net.protocols.add(IPPROTO_ICMP, {
    name: 'icmp',
    netnsOk: true,
    noPolicy: false,
    handler: (skb) => icmpRcv(net, skb),
    errHandler: (skb, type, code, info) => icmpErr(net, skb, type, code, info),
  });
}

/** What ARP asks of us. */
function arpHost(net: NetnsIpv4): ArpHost {
  return {
    addressType: (_dev, address) => net.fib.addressType(address, null),
    inputType(skb, target, sender, dev) {
      if (ipRouteInputNoref(net, skb, target, sender, dev) !== ROUTED) return RTN_UNREACHABLE;
      return skbRtable(skb).type;
    },
    selectSource: (dev, target) => inetSelectAddr(net, dev, target, RT_SCOPE_LINK),
    linkFailure: (skb) => ipv4LinkFailure(net, skb),
  };
}
