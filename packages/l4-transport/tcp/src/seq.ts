/** Whether sequence number `a` lies before `b`, on the circle of 2^32. @kernel include/net/tcp.h before() @rfc 9293 3.4 */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** @kernel include/net/tcp.h after() */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Whether `low <= seq <= high`. @kernel include/net/tcp.h between() */
export function between(seq: number, low: number, high: number): boolean {
  return (high - low) >>> 0 >= (seq - low) >>> 0;
}
