import { expect } from 'vitest';
import { packetdrillMatchers, type PacketdrillMatchers } from '../src/index.ts';

declare module 'vitest' {
  interface Matchers<T> extends PacketdrillMatchers<T> {}
}

expect.extend(packetdrillMatchers);
