/**
 * Postcards: datagrams between numbered boxes, protocol 253 of IPv4. Four bytes of header: the sender's box and the
 * receiver's, in network byte order. No checksum, no order, no promise.
 *
 * @packageDocumentation
 */
import { InetProtocols, IpOutput } from '@stack/ipv4';
import type { Plugin } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { InetProtosws, SOCK_DGRAM, SockNetwork, type Proto } from '@stack/sock';
import { PROTOCOL, PostOffice } from './post-office.ts';
import { postcardProto } from './proto.ts';
import { postcardRcv } from './receive.ts';
import { PostcardSock } from './sock.ts';

export { PROTOCOL } from './post-office.ts';

/** Sockets of type SOCK_DGRAM and protocol {@link PROTOCOL}. Needs ipv4() and sockets(). */
export function postcards(): Plugin {
  return {
    name: 'postcards',
    attach(services) {
      const office = new PostOffice(services.get(IpOutput), services.get(Skbs), services.get(SockNetwork));
      const removeProtocol = services.get(InetProtocols).add(PROTOCOL, {
        name: 'postcard',
        netnsOk: true,
        noPolicy: false,
        handler: (skb) => postcardRcv(office, skb),
      });
      const removeKind = services.get(InetProtosws).add({
        type: SOCK_DGRAM,
        protocol: PROTOCOL,
        isDefault: false,
        proto: postcardProto as Proto,
        create: () => new PostcardSock(office),
      });
      return () => {
        removeKind();
        removeProtocol();
        for (const sk of [...office.sockets]) postcardProto.close(sk);
      };
    },
  };
}
