import type { Platform } from './real-clock.ts';

interface TimeoutHandle {
  unref?(): void;
}

/** The globals that Node and browsers share, declared here because the core is compiled without either. */
interface Globals {
  performance: { now(): number };
  setTimeout(fn: () => void, ms: number): TimeoutHandle;
  clearTimeout(handle: TimeoutHandle): void;
  setInterval(fn: () => void, ms: number): TimeoutHandle;
  clearInterval(handle: TimeoutHandle): void;
  setImmediate?(fn: () => void): void;
  MessageChannel: new () => { port1: { onmessage: (() => void) | null }; port2: { postMessage(value: null): void } };
}

const globals = globalThis as unknown as Globals;
const LONGEST_SLEEP = 0x7fffffff;

/** Node: `setImmediate`. Browsers: a message to ourselves, since `setTimeout` is clamped to 4 ms there. */
export function macrotask(fn: () => void): void {
  if (globals.setImmediate) globals.setImmediate(fn);
  else messageToSelf(fn);
}

/** The clock and the event loop of the JavaScript engine we run in. */
export function platform(): Platform {
  return {
    now: () => globals.performance.now(),
    macrotask,
    after(ms, fn) {
      const handle = globals.setTimeout(fn, Math.min(ms, LONGEST_SLEEP));
      handle.unref?.();
      return () => globals.clearTimeout(handle);
    },
    keepAlive() {
      const handle = globals.setInterval(() => {}, LONGEST_SLEEP);
      return () => globals.clearInterval(handle);
    },
  };
}

const waiting: (() => void)[] = [];
let send: (() => void) | undefined;

function messageToSelf(fn: () => void): void {
  if (send === undefined) {
    const { port1, port2 } = new globals.MessageChannel();
    port1.onmessage = () => waiting.shift()?.();
    send = () => port2.postMessage(null);
  }
  waiting.push(fn);
  send();
}
