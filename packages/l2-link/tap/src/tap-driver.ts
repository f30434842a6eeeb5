import { closeSync } from 'node:fs';
import {
  napiCompleteDone,
  napiDisable,
  napiEnable,
  napiGroReceive,
  napiSchedule,
  netifCarrierOff,
  netifNapiAdd,
  netifStartQueue,
  netifStopQueue,
  netifWakeQueue,
  ethTypeTrans,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NapiStruct,
  type NetDevice,
} from '@stack/netdev';
import { EAGAIN } from '@stack/plugin';
import { DropReason, skbTxTimestamp, type SkbPool, type SkBuff } from '@stack/skb';
import { IRQ_HANDLED, type Cpus, type InterruptLine } from '@stack/softirq';
import { trace, tracing } from '@stack/trace';
import type { Libc } from './libc.ts';
import { POLLIN, POLLOUT, type Poller, type Watch } from './poller.ts';
import { TapReceiver } from './receive.ts';
import { TapTransmitter } from './transmit.ts';

/** What a TAP needs of its host. */
export interface TapParts {
  readonly libc: Libc;
  readonly poller: Pick<Poller, 'watch'>;
  readonly pool: SkbPool;
  readonly cpus: Cpus;
}

/** Between a network device and a descriptor of the kernel: the interrupt, the poller, and the queue that may be full. */
export class TapDriver {
  readonly #fd: number;
  readonly #dev: NetDevice;
  readonly #receiver: TapReceiver;
  readonly #transmitter: TapTransmitter;
  readonly #napi: NapiStruct;
  readonly #line: InterruptLine;
  readonly #readable: Watch;
  readonly #writable: Watch;
  readonly #freeIrq: () => void;
  readonly #deliver: (skb: SkBuff) => void;

  constructor({ libc, poller, pool, cpus }: TapParts, fd: number, dev: NetDevice) {
    this.#fd = fd;
    this.#dev = dev;
    this.#receiver = new TapReceiver(libc, fd, pool, dev);
    this.#transmitter = new TapTransmitter(libc, fd, pool.arena);
    this.#napi = netifNapiAdd(dev, (_, budget) => this.#poll(budget));
    this.#line = cpus.allocateLine(dev.name);
    this.#freeIrq = this.#line.request(() => {
      napiSchedule(this.#napi);
      return IRQ_HANDLED;
    });
    this.#readable = poller.watch(fd, () => this.#line.pulse());
    this.#writable = poller.watch(fd, () => netifWakeQueue(dev));
    this.#deliver = (skb) => this.#receive(skb);
  }

  open(): number {
    napiEnable(this.#napi);
    netifStartQueue(this.#dev);
    this.#readable.arm(POLLIN);
    return 0;
  }

  stop(): number {
    this.#readable.arm(0);
    this.#writable.arm(0);
    netifStopQueue(this.#dev);
    napiDisable(this.#napi);
    return 0;
  }

  /** Gives everything back; the kernel's interface vanishes. */
  close(): void {
    this.#readable.close();
    this.#writable.close();
    this.#freeIrq();
    this.#receiver.close();
    closeSync(this.#fd);
  }

  startXmit(skb: SkBuff): number {
    if (tracing.on) trace('tap_start_xmit', skb, this.#dev.name);
    const { stats } = this.#dev;
    const { len } = skb;
    const error = this.#transmitter.write(skb);
    if (error === -EAGAIN) {
      netifStopQueue(this.#dev);
      this.#writable.arm(POLLOUT);
      return NETDEV_TX_BUSY;
    }
    if (error < 0) {
      // The kernel's end is down, or out of memory.
      stats.txDropped++;
      skb.drop(DropReason.DEV_READY);
      return NETDEV_TX_OK;
    }
    stats.txPackets++;
    stats.txBytes += len;
    skbTxTimestamp(skb);
    skb.consume();
    // The kernel has received it by now: its answer, an ACK or an echo, may be in the queue already.
    this.#line.pulse();
    return NETDEV_TX_OK;
  }

  /**
   * After a round that brought something, another one follows before the kernel is asked to wake us: an answer to what
   * was received is often there already, and that thread takes its time.
   */
  #poll(budget: number): number {
    let work = 0;
    let got = 1;
    while (work < budget && (got = this.#receiver.read(this.#deliver)) > 0) work++;
    if (work === budget || !napiCompleteDone(this.#napi, work)) return work;
    if (got < 0) netifCarrierOff(this.#dev);
    else if (work > 0) this.#line.pulse();
    else this.#readable.arm(POLLIN);
    return work;
  }

  #receive(skb: SkBuff): void {
    const { stats } = this.#dev;
    stats.rxPackets++;
    stats.rxBytes += skb.len;
    skb.protocol = ethTypeTrans(skb, this.#dev);
    napiGroReceive(this.#napi, skb);
  }
}
