/**
 * A network device whose other end is an interface of the Linux kernel: hosts talk to the world that programs know.
 *
 * ```ts
 * const dev = createTap(services, { name: 'tap0' }); // then: ip address add 10.0.0.1/24 dev tap0; ip link set tap0 up
 * devOpen(dev);
 * ```
 *
 * @packageDocumentation
 */
export { createTap, tap, type TapOptions } from './plugin.ts';
