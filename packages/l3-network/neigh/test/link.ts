import { MSEC } from '@stack/clock';
import {
  Arp,
  arp,
  ArpState,
  llReservedSpace,
  __neighLookup,
  neighOutput,
  nudName,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  type ArpHost,
  type Neighbour,
  type NeighTable,
} from '@stack/neigh';
import {
  allocEtherdev,
  devOpen,
  ethTypeTrans,
  NetCore,
  netdev,
  NETDEV_TX_OK,
  netifRx,
  netifStartQueue,
  parseEthAddress,
  registerNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { skbCopyToBytes, type SkBuff } from '@stack/skb';
import {
  arpFrame,
  decodeFrame,
  ipNumber,
  machine,
  testHost,
  type ArpFields,
  type DecodedFrame,
  type Machine,
} from '@stack/testing';

export const OUR_MAC = '02:00:00:00:00:01';
export const OUR_IP = '10.0.0.1';
export const THEIR_MAC = '02:00:00:00:00:02';
export const THEIR_IP = '10.0.0.2';

/** A host with one device and one address, whose link is this test. */
export class Link implements ArpHost {
  readonly lab: Machine = machine();
  readonly core: NetCore;
  readonly arp: ArpState;
  readonly table: NeighTable;
  readonly dev: NetDevice;
  /** Packets whose senders were told that nobody answers. */
  readonly failed: number[] = [];
  #sent: Uint8Array[] = [];

  constructor() {
    const host = testHost(this.lab, 'alice', [netdev(), arp()]);
    this.core = host.get(NetCore);
    this.arp = host.get(Arp);
    this.table = this.arp.table;
    this.arp.serve(this);
    this.dev = this.addDevice(OUR_MAC);
  }

  addDevice(mac: string): NetDevice {
    const dev = allocEtherdev('eth%d', {
      open: (dev) => {
        netifStartQueue(dev);
        return 0;
      },
      stop: () => 0,
      startXmit: (skb) => {
        const bytes = new Uint8Array(skb.len);
        skbCopyToBytes(skb, 0, bytes, 0, skb.len);
        this.#sent.push(bytes);
        skb.consume();
        return NETDEV_TX_OK;
      },
    });
    dev.txQueueLen = 0;
    dev.devAddr.set(parseEthAddress(mac));
    registerNetdevice(this.core, dev);
    devOpen(dev);
    return dev;
  }

  /** Frames sent since the last call. */
  take(): DecodedFrame[] {
    return this.#sent.splice(0).map(decodeFrame);
  }

  neigh(address = THEIR_IP): Neighbour {
    return __neighLookup(this.table, ipNumber(address), this.dev)!;
  }

  state(address = THEIR_IP): string {
    return nudName(this.table.hash.find(ipNumber(address), this.dev.ifindex)?.state ?? 0);
  }

  /** An IP packet of `size` bytes on its way to the neighbour. */
  packet(size = 20, id = 0): SkBuff {
    const room = llReservedSpace(this.dev);
    const skb = this.core.pool.alloc(room + size)!;
    skb.reserve(room);
    this.core.arena.u8.fill(0, skb.put(size), skb.tail);
    skb.resetNetworkHeader();
    skb.setU8(0, 0x45);
    skb.setU16(2, size);
    skb.setU16(4, id);
    skb.setI32(12, ipNumber(OUR_IP));
    skb.setI32(16, ipNumber(THEIR_IP));
    skb.dev = this.dev;
    skb.protocol = 0x0800;
    return skb;
  }

  send(skb: SkBuff = this.packet(), neigh: Neighbour = this.neigh()): number {
    return neighOutput(neigh, skb);
  }

  hear(frame: Uint8Array): void {
    const skb = this.core.pool.alloc(64 + frame.length)!;
    skb.reserve(64);
    this.core.arena.u8.set(frame, skb.put(frame.length));
    skb.protocol = ethTypeTrans(skb, this.dev);
    this.core.cpus.boot.localBhDisable();
    netifRx(skb);
    this.core.cpus.boot.localBhEnable();
  }

  /** The neighbour answers our question. */
  answer(fields: Partial<ArpFields> = {}): void {
    this.hear(
      arpFrame({
        operation: 'reply',
        senderMac: THEIR_MAC,
        senderIp: THEIR_IP,
        targetMac: OUR_MAC,
        targetIp: OUR_IP,
        ...fields,
      }),
    );
  }

  /** Somebody asks for an address. */
  ask(fields: Partial<ArpFields> = {}): void {
    this.hear(
      arpFrame({ operation: 'request', senderMac: THEIR_MAC, senderIp: THEIR_IP, targetIp: OUR_IP, ...fields }),
    );
  }

  runMs(ms: number): void {
    this.lab.clock.runFor(ms * MSEC);
  }

  addressType(_dev: NetDevice, address: number): number {
    if (address === ipNumber(OUR_IP)) return RTN_LOCAL;
    return address >>> 28 === 0xe ? RTN_MULTICAST : RTN_UNICAST;
  }

  inputType(_skb: SkBuff, target: number, _sender: number, dev: NetDevice): number {
    return this.addressType(dev, target);
  }

  selectSource(): number {
    return ipNumber(OUR_IP);
  }

  linkFailure(skb: SkBuff): void {
    this.failed.push(skb.arena.view.getUint16(skb.networkHeader + 4));
  }
}
