/* Compressed by brotli, with everything they import but Node's own modules: what a page or a program carries. The lines with an
 * import show that what is not used is not carried. */
const node = (config) => ({ ...config, platform: 'node', external: ['koffi'] });
const check = (name, path, limit, imported) => ({
  name,
  path: `packages/${path}/dist/index.js`,
  limit,
  ...(imported && { import: imported }),
  modifyEsbuildConfig: node,
});

module.exports = [
  check('@stack/plugin, with its container', 'l0-core/plugin', '14 kB'),
  check('@stack/skb', 'l0-core/skb', '21 kB'),
  check('@stack/skb, one header', 'l0-core/skb', '1.2 kB', '{ udp }'),
  check('@stack/skb, a queue', 'l0-core/skb', '1.3 kB', '{ SkbQueue }'),
  check('@stack/netfilter', 'l3-network/netfilter', '23 kB'),
  check('@stack/netfilter, its verdicts', 'l3-network/netfilter', '1 kB', '{ NF_ACCEPT }'),
  check('@stack/qdisc', 'l2-link/qdisc', '48 kB'),
  check('@stack/tcp', 'l4-transport/tcp', '78 kB'),
  check('@stack/tcp, reno alone', 'l4-transport/tcp', '5 kB', '{ reno }'),
  check('@stack/host, the whole', 'l5-application/host', '180 kB'),
];
