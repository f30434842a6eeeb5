import { parseIpv4 } from '@stack/ipv4';
import type { ScriptOption } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';

/** What `--name=value` at the top of a script, or on the command line, can set. Times in microseconds. */
export interface Config {
  toleranceUsecs: number;
  tolerancePercent: number;
  /** Of the device. */
  mtu: number;
  /** Payload of each segment of a large packet that comes in; 0 when packets come in as they are. */
  mss: number;
  /** int32. */
  localIp: number;
  remoteIp: number;
  /** Ports that `bind(..., ...)` and `connect(..., ...)` use. */
  bindPort: number;
  connectPort: number;
  /** How long one tick of the timestamp clock is; 0 when values are not compared. */
  tsTickUsecs: number;
  tsEcrScaled: boolean;
  strictSegments: boolean;
}

export function defaultConfig(): Config {
  return {
    toleranceUsecs: 4000,
    tolerancePercent: 12.5,
    mtu: 1500,
    mss: 0,
    localIp: parseIpv4('192.168.0.1'),
    remoteIp: parseIpv4('192.0.2.1'),
    bindPort: 8080,
    connectPort: 8080,
    tsTickUsecs: 0,
    tsEcrScaled: false,
    strictSegments: false,
  };
}

type Setter = (config: Config, value: string) => void;

const number =
  (key: { [K in keyof Config]: Config[K] extends number ? K : never }[keyof Config]): Setter =>
  (config, value) => {
    const parsed = Number(value);
    if (value === '' || !Number.isFinite(parsed) || parsed < 0) throw new Error(`'${value}' is no number`);
    config[key] = parsed;
  };

const address =
  (key: 'localIp' | 'remoteIp'): Setter =>
  (config, value) => {
    if (value.includes(':')) throw new Error('the stack has no IPv6');
    config[key] = parseIpv4(value);
  };

/** Addresses of IPv6 that stand for those of IPv4 are none on the way. */
const ipv4Only: Setter = (_, value) => {
  if (value !== 'ipv4' && value !== 'ipv4-mapped-ipv6') throw new Error(`the stack has no IPv6, so not ${value}`);
};

/** Options that have no effect on a run like this: addresses the stack does not need, verbosity, speeds. */
const nothing: Setter = () => {};

const SETTERS: Readonly<Record<string, Setter>> = {
  tolerance_usecs: number('toleranceUsecs'),
  tolerance_percent: number('tolerancePercent'),
  mtu: number('mtu'),
  mss: number('mss'),
  local_ip: address('localIp'),
  remote_ip: address('remoteIp'),
  bind_port: number('bindPort'),
  connect_port: number('connectPort'),
  tcp_ts_tick_usecs: number('tsTickUsecs'),
  tcp_ts_ecr_scaled: (config) => (config.tsEcrScaled = true),
  strict_segments: (config) => (config.strictSegments = true),
  ip_version: ipv4Only,
  gateway_ip: nothing,
  netmask_ip: nothing,
  is_anyip: nothing,
  so_flags: nothing,
  non_fatal: nothing,
  send_omit_free: nothing,
  init_scripts: nothing,
  code_command: nothing,
  code_format: nothing,
  code_sockopt: nothing,
  so_filename: nothing,
  speed: nothing,
  verbose: nothing,
  quiet: nothing,
};

export const OPTION_NAMES = Object.keys(SETTERS);

/** Throws a {@link ScriptError} with the line of the option that cannot be had. */
export function applyOption(config: Config, { line, name, value }: ScriptOption): void {
  if (!Object.hasOwn(SETTERS, name)) throw new Unsupported(line, `there is no option --${name}`);
  try {
    SETTERS[name](config, value ?? '');
  } catch (error) {
    throw new ScriptError(line, `--${name}: ${(error as Error).message}`);
  }
}
