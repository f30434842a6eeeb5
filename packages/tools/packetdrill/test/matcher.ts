import { expect } from 'vitest';
import { packetdrillMatchers, type PacketdrillMatchers } from '../src/index.ts';

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Matchers<T> extends PacketdrillMatchers<T> {}
}

expect.extend(packetdrillMatchers);
