import type { Cable, CableOptions } from '@stack/cable';
import { createLab, e1000, inet, type Host, type Lab, type LabOptions } from '@stack/host';

/** Two hosts joined by a cable: what each step is made of. */
export interface Pair {
  readonly lab: Lab;
  readonly cable: Cable;
  readonly server: Host;
  readonly client: Host;
}

/** End a is the server's. */
export function pair(options: LabOptions = {}, wire: CableOptions = {}): Pair {
  const lab = createLab(options);
  const cable = lab.cable(wire);
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  return { lab, cable, server, client };
}
