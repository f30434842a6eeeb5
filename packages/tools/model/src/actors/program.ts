import { MSEC, Timer, type Random, type VirtualClock } from '@stack/clock';
import { EAGAIN, EINPROGRESS } from '@stack/plugin';
import {
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MsgHdr,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
} from '@stack/sock';
import type { TcpSock } from '@stack/tcp';
import { anySize, chance } from '../choice.ts';
import type { Act, Plan } from '../scenario/scenario.ts';
import { must } from '../violation.ts';
import { setOption } from './options.ts';
import { firstWrong } from './pattern.ts';

const BUFFER = new Uint8Array(1 << 16);

/** One side's program: writes its stream, checks that what it reads is the other's, and does what its plan says. */
export class Program {
  readonly name: string;
  readonly plan: Plan;
  sk: TcpSock | null = null;
  written = 0;
  got = 0;
  /** The first errno that a call returned; 0: none. */
  error = 0;
  /** The end of the other's stream was read. */
  ended = false;
  /** It ended its own. */
  finished = false;
  closed = false;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #mine: Uint8Array;
  readonly #theirs: Uint8Array;
  /** Whether what comes is what the other program wrote: not when somebody meddles. */
  readonly #honest: boolean;
  #readsEnded = false;
  #posted = false;
  readonly #started: number;
  readonly #timers: Timer[] = [];
  readonly #writer: Timer;
  readonly #reader: Timer;

  constructor(
    name: string,
    plan: Plan,
    clock: VirtualClock,
    random: Random,
    streams: { mine: Uint8Array; theirs: Uint8Array; honest: boolean },
  ) {
    this.name = name;
    this.plan = plan;
    this.#clock = clock;
    this.#random = random;
    this.#mine = streams.mine;
    this.#theirs = streams.theirs;
    this.#honest = streams.honest;
    this.#started = clock.now();
    this.#writer = new Timer(clock, {
      run: () => this.#tick(() => this.#writeOnce(), this.#writer, plan.writeEvery),
    });
    this.#reader = new Timer(clock, { run: () => this.#tick(() => this.#readOnce(), this.#reader, plan.readEvery) });
    this.#timers.push(this.#writer, this.#reader);
  }

  /** Takes the socket over. */
  use(sk: TcpSock): void {
    this.sk = sk;
    sk.change({ oobInline: true });
    sk.waiter = { wake: () => this.#soon() };
    for (const act of this.plan.acts) this.#at(act.at, () => this.#do(act));
    this.#at(this.plan.readFrom, () => this.#soon());
    this.#soon();
  }

  /** Connects with the first bytes in the SYN. */
  openEarly(address: number, port: number): void {
    const sk = this.sk!;
    const length = Math.min(anySize(this.#random, this.plan.piece), this.plan.bytes);
    const msg = Object.assign(new MsgHdr(), { address, port });
    const result = sk.proto.sendmsg(sk, this.#mine, 0, length, MSG_FASTOPEN, msg);
    if (result > 0) this.written += result;
  }

  /** It does not want to read to the end. */
  get cut(): boolean {
    return this.#readsEnded;
  }

  close(): void {
    if (this.closed || this.sk === null) return;
    this.closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.sk.proto.close(this.sk);
  }

  #at(ms: number, act: () => void): void {
    const timer = new Timer(this.#clock, { run: act });
    timer.setIn(ms * MSEC);
    this.#timers.push(timer);
  }

  #soon(): void {
    if (this.#posted || this.closed) return;
    this.#posted = true;
    this.#clock.post({
      run: () => {
        this.#posted = false;
        if (!this.closed) this.#go();
      },
    });
  }

  #go(): void {
    const { plan } = this;
    if (plan.writeEvery > 0) this.#pace(this.#writer, plan.writeEvery);
    else while (this.#writeOnce());
    if (this.closed) return;
    if (plan.readEvery > 0) this.#pace(this.#reader, plan.readEvery);
    else while (this.#readOnce());
  }

  /** Soon, unless it is under way. */
  #pace(timer: Timer, ms: number): void {
    if (!timer.armed) timer.setIn(ms * MSEC);
  }

  #tick(act: () => boolean, timer: Timer, ms: number): void {
    if (!this.closed && act() && !this.closed) this.#pace(timer, ms);
  }

  /** False when there is nothing more to write now. */
  #writeOnce(): boolean {
    const { plan } = this;
    const sk = this.sk!;
    if (this.closed || this.finished || this.error !== 0) return false;
    if (this.written === plan.bytes) {
      this.#finish();
      return false;
    }
    const length = Math.min(anySize(this.#random, plan.piece), plan.bytes - this.written);
    const result = sk.proto.sendmsg(sk, this.#mine, this.written, length, this.#flags(), null);
    if (result > 0) {
      must(result <= length, () => `${this.name}: send of ${length} bytes took ${result}`);
      this.written += result;
      return true;
    }
    if (result < 0 && result !== -EAGAIN && result !== -EINPROGRESS) this.#fail(result);
    return false;
  }

  #flags(): number {
    const more = chance(this.#random, this.plan.more) ? MSG_MORE : 0;
    return chance(this.#random, this.plan.urgent) ? more | MSG_OOB : more;
  }

  #finish(): void {
    const sk = this.sk!;
    if (this.plan.finish === 'wait') return;
    if (this.plan.finish === 'close') return this.close();
    // A connection that is not open yet has nothing to end.
    if (!isOpen(sk)) return;
    this.finished = true;
    sk.proto.shutdown(sk, SEND_SHUTDOWN);
    this.#closeWhenOver();
  }

  /** False when there is nothing more to read now. */
  #readOnce(): boolean {
    const sk = this.sk!;
    if (this.closed || this.ended || this.#readsEnded) return false;
    if (this.#clock.now() < this.#started + this.plan.readFrom * MSEC) return false;
    const result = sk.proto.recvmsg(sk, BUFFER, 0, Math.min(this.plan.gulp, BUFFER.length), 0, null);
    if (result > 0) this.#check(result);
    if (result === 0) {
      this.ended = true;
      this.#closeWhenOver();
    }
    if (result < 0 && result !== -EAGAIN) this.#fail(result);
    return result > 0;
  }

  #check(length: number): void {
    if (this.#honest) {
      const wrong = firstWrong(this.#theirs, this.got, BUFFER, length);
      must(wrong < 0, () => `${this.name} read a wrong byte at ${wrong} of the stream`);
    }
    this.got += length;
  }

  #fail(result: number): void {
    const sk = this.sk!;
    // What is not connected yet, or was never, is not a failure.
    if (isOpening(sk)) return;
    if (this.error === 0) this.error = -result;
    if (this.finished || this.plan.finish !== 'wait') this.#closeLater();
  }

  #closeLater(): void {
    this.#at(1, () => this.close());
  }

  #closeWhenOver(): void {
    if (this.finished && this.ended) this.close();
  }

  #do(act: Act): void {
    const sk = this.sk!;
    if (this.closed) return;
    switch (act.what) {
      case 'close':
        return this.close();
      case 'abort':
        sk.change({ linger: 0 });
        return this.close();
      case 'disconnect':
        sk.proto.disconnect(sk);
        return this.close();
      case 'end-writing':
      case 'end-reading':
      case 'end-both':
        return this.#end(act.what);
      case 'peek':
        sk.proto.recvmsg(sk, BUFFER, 0, this.plan.gulp, MSG_PEEK, null);
        return;
      case 'option':
        setOption(sk, act.option!);
    }
  }

  #end(what: 'end-writing' | 'end-reading' | 'end-both'): void {
    const sk = this.sk!;
    if (!isOpen(sk)) return;
    if (what !== 'end-reading') this.finished = true;
    if (what !== 'end-writing') this.#readsEnded = true;
    sk.proto.shutdown(
      sk,
      { 'end-writing': SEND_SHUTDOWN, 'end-reading': RCV_SHUTDOWN, 'end-both': SHUTDOWN_MASK }[what],
    );
  }
}

const TCP_ESTABLISHED = 1;
const TCP_SYN_SENT = 2;
const TCP_SYN_RECV = 3;
const TCP_CLOSE_WAIT = 8;

function isOpen(sk: TcpSock): boolean {
  return sk.state === TCP_ESTABLISHED || sk.state === TCP_CLOSE_WAIT;
}

function isOpening(sk: TcpSock): boolean {
  return sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
}
