import type { Clock, Task } from '@stack/clock';
import type { Host } from '@stack/host';
import { InetProtosws, MSG_TRUNC, SOCK_STREAM } from '@stack/sock';
import type { TcpSock } from '@stack/tcp';

const IPPROTO_TCP = 6;
const CHUNK = new Uint8Array(1 << 16);
const NOTHING = new Uint8Array(0);

function socketOf(host: Host): TcpSock {
  return host.get(InetProtosws).find(SOCK_STREAM, IPPROTO_TCP)!.create() as TcpSock;
}

/** Runs `act` as a task of its own whenever something happens at the socket. */
function onEvent(sk: TcpSock, clock: Clock, act: () => void): void {
  let posted = false;
  const task: Task = {
    run(): void {
      posted = false;
      act();
    },
  };
  sk.waiter = {
    wake(): void {
      if (!posted) clock.post(task);
      posted = true;
    },
  };
}

/** A connection over which one side writes for ever, and the other reads at once. */
export interface Flow {
  readonly sender: TcpSock;
  /** Bytes that the reader has got. */
  received: number;
}

/** Listens for flows on the receiving host. The function returned begins one. */
export function flows(clock: Clock, from: Host, to: Host, address: number, port: number): () => Flow {
  const listener = socketOf(to);
  const waiting: Flow[] = [];
  listener.proto.bind(listener, 0, port);
  listener.proto.listen(listener, 64);
  onEvent(listener, clock, () => {
    for (let sk = listener.proto.accept(listener); sk !== null; sk = listener.proto.accept(listener))
      readAll(clock, sk as TcpSock, waiting.shift()!);
  });
  return () => {
    const flow: Flow = { sender: socketOf(from), received: 0 };
    waiting.push(flow);
    writeAlways(clock, flow.sender);
    flow.sender.proto.connect(flow.sender, address, port);
    return flow;
  };
}

function writeAlways(clock: Clock, sk: TcpSock): void {
  onEvent(sk, clock, () => {
    while (sk.proto.sendmsg(sk, CHUNK, 0, CHUNK.length, 0, null) > 0);
  });
}

function readAll(clock: Clock, sk: TcpSock, flow: Flow): void {
  const read = (): void => {
    for (;;) {
      const length = sk.proto.recvmsg(sk, NOTHING, 0, 1 << 30, MSG_TRUNC, null);
      if (length <= 0) return;
      flow.received += length;
    }
  };
  onEvent(sk, clock, read);
  read();
}
