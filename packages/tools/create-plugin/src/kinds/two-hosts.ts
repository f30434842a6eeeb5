/** What tests of most kinds import, to have hosts. */
export const HOST_IMPORTS = `import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
`;

/** The packages of it. */
export const HOST_NEEDS = ['clock', 'host'];

/** In a test: server and client on a cable, with what each has in `use`. */
export function twoHosts(server = 'inet()', client = 'inet()'): string {
  return `  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  const server = lab.host({
    name: 'server',
    use: ${server},
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: ${client},
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
`;
}
