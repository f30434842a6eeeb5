/**
 * The loopback device.
 *
 * ```ts
 * host.use([skbs(), softirqs({ name: 'alice' }), netdev(), loopback()]);
 * host.get(NetCore).devices.get('lo')!.isUp; // true
 * ```
 *
 * @packageDocumentation
 */
export { loopback } from './plugin.ts';
