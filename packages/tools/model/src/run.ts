import { MSEC, SEC } from '@stack/clock';
import { secureTcpSeq, type TcpSock } from '@stack/tcp';
import { setCongestion, setOption } from './actors/options.ts';
import { STREAMS } from './actors/pattern.ts';
import { Program } from './actors/program.ts';
import { checkAftermath, checkSilence } from './invariants/aftermath.ts';
import { Inspector } from './invariants/inspector.ts';
import type { Plan, Scenario } from './scenario/scenario.ts';
import { must } from './violation.ts';
import type { ModelHost, Workshop } from './world/machine.ts';
import { World } from './world/world.ts';

const CLIENT_PORT = 40_000;
const SERVER_PORT = 80;
/** What is not over by then is closed by its program; and hours later nothing may be left. */
const PATIENCE = 120 * SEC;
/** Through a buffer that was made too small, bytes drop in with a time-out each. */
const BENIGN_PATIENCE = 3600 * SEC;
const AFTERWARDS = 4 * 3600 * SEC;
const MOST_EVENTS = 50_000;
/** A clock tick of the initial sequence number. */
const SEQ_TICK = 64;

/** What a run has done: so that nobody takes a run in which nothing happened for a good one. */
export interface Outcome {
  readonly segments: number;
  readonly events: number;
  /** Bytes that were read, of both streams. */
  readonly delivered: number;
  readonly retransmitted: number;
}

/** One run. Throws a Violation, or what the checking allocator has to say. */
export class Run {
  readonly world: World;
  readonly #scenario: Scenario;
  readonly #client: Program;
  readonly #server: Program;
  readonly #inspectors: readonly Inspector[];
  readonly #workshop: Workshop;
  #listener: TcpSock | null = null;
  #events = 0;

  constructor(scenario: Scenario, workshop: Workshop, taped = false) {
    this.#scenario = scenario;
    this.#workshop = workshop;
    this.world = new World(scenario, workshop, taped);
    const { clock, random } = this.world;
    const honest = scenario.adversary === null;
    const program = (name: 'client' | 'server', other: 'client' | 'server', plan: Plan): Program =>
      new Program(name, plan, clock, random.fork(`program ${name}`), {
        mine: STREAMS[name],
        theirs: STREAMS[other],
        honest,
      });
    this.#client = program('client', 'server', scenario.client);
    this.#server = program('server', 'client', scenario.server);
    this.#inspectors = [new Inspector(this.world.client, 'client'), new Inspector(this.world.server, 'server')];
  }

  go(): Outcome {
    this.#open();
    this.#runUntil(this.world.clock.now() + (this.#scenario.benign ? BENIGN_PATIENCE : PATIENCE));
    this.#checkStreams();
    this.#client.close();
    this.#server.close();
    this.#listener?.proto.close(this.#listener);
    this.#runUntil(this.world.clock.now() + AFTERWARDS);
    return this.#end();
  }

  #open(): void {
    const { client, server } = this.world;
    const caller = this.#socket(client, this.#scenario.client, 0);
    caller.proto.bind(caller, 0, CLIENT_PORT);
    this.#turnOver();
    if (this.#scenario.opening === 'simultaneous') {
      const other = this.#socket(server, this.#scenario.server, 1);
      other.proto.bind(other, 0, SERVER_PORT);
      this.#server.use(other);
      other.proto.connect(other, client.ip.address, CLIENT_PORT);
    } else {
      this.#listen(server);
    }
    this.#client.use(caller);
    if (this.#scenario.opening === 'early') this.#client.openEarly(server.ip.address, SERVER_PORT);
    else caller.proto.connect(caller, server.ip.address, SERVER_PORT);
    this.#look();
  }

  /** Waits until the client's initial sequence number is what the scenario wants. */
  #turnOver(): void {
    const { wrap } = this.#scenario;
    if (wrap === 'none') return;
    const { clock, client, server } = this.world;
    const isn = secureTcpSeq(client.tcp, client.ip.address, server.ip.address, CLIENT_PORT, SERVER_PORT);
    const target = (wrap === 'unsigned' ? 0 : 0x80000000) - this.world.random.fork('wrap').below(20_000);
    clock.runFor(((target - isn) >>> 0) * SEQ_TICK);
  }

  #socket(host: ModelHost, plan: Plan, inspector: number): TcpSock {
    const sk = host.socket();
    for (const option of plan.options) setOption(sk, option);
    setCongestion(sk, plan.congestion);
    this.#inspectors[inspector].watch(sk);
    return sk;
  }

  #listen(host: ModelHost): void {
    const listener = this.#socket(host, this.#scenario.server, 1);
    listener.proto.bind(listener, 0, SERVER_PORT);
    listener.proto.listen(listener, 4);
    this.#listener = listener;
    const accept = (): void => {
      const sk = listener.state === TCP_LISTEN ? listener.proto.accept(listener) : null;
      if (sk === null) return;
      // A second connection is a ghost: of a SYN that came twice, say.
      if (this.#server.sk !== null) return sk.proto.close(sk);
      this.#inspectors[1].watch(sk as TcpSock);
      this.#server.use(sk as TcpSock);
    };
    listener.waiter = { wake: () => this.world.clock.post({ run: accept }) };
  }

  #runUntil(limit: number): void {
    const { clock } = this.world;
    while (clock.step(limit)) {
      this.#look();
      must(++this.#events < MOST_EVENTS, () => `${MOST_EVENTS} events, and no end at ${clock.now() / MSEC} ms`);
    }
    this.#look();
  }

  #look(): void {
    for (const inspector of this.#inspectors) inspector.look();
  }

  /** What was read is what was written; all of it, when nobody gave up. */
  #checkStreams(): void {
    if (this.#scenario.adversary !== null) return;
    checkStream(this.#client, this.#server);
    checkStream(this.#server, this.#client);
    if (!this.#scenario.benign) return;
    for (const program of [this.#client, this.#server]) {
      const { name, written, plan } = program;
      must(program.sk !== null, () => `${name} has no connection`);
      must(program.error === 0, () => `${name}: a call failed with errno ${program.error}`);
      must(written === plan.bytes, () => `${name} could write ${written} of ${plan.bytes} bytes`);
      must(program.ended, () => `${name} has not read the end of the stream, ${program.got} bytes so far`);
      must(program.closed, () => `${name} has not closed its socket`);
    }
  }

  #end(): Outcome {
    const { client, server, clock } = this.world;
    checkAftermath(client, 'client');
    checkAftermath(server, 'server');
    checkSilence(clock);
    const retransmitted = client.retransmitted + server.retransmitted;
    this.world.close();
    const { live } = this.#workshop.arena;
    must(live === 0, () => `${live} blocks of memory are still alive`);
    const delivered = this.#client.got + this.#server.got;
    return { segments: this.world.segments, events: this.#events, delivered, retransmitted };
  }
}

const TCP_LISTEN = 10;

function checkStream(reader: Program, writer: Program): void {
  const { got, ended, error, sk } = reader;
  must(got <= writer.written, () => `${reader.name} read ${got} bytes, of ${writer.written} that were written`);
  const whole = ended && error === 0 && sk!.done && !reader.cut;
  must(!whole || got === writer.written, () => `${reader.name} read the end after ${got} of ${writer.written} bytes`);
}
