import { StackError, type Plugin } from '@stack/plugin';
import { parseScript } from '../language/parser.ts';
import type { Script } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import { applyOption, defaultConfig, type Config } from '../network/config.ts';
import { createTestNetwork } from '../network/test-network.ts';
import { packetText } from '../packets/text.ts';
import type { Failure, RunResult } from '../report/failure.ts';
import { runCommand } from '../shell/run-command.ts';
import { seconds } from '../time/tolerance.ts';
import { runEvents } from './run-events.ts';
import { Session } from './session.ts';

export interface RunOptions {
  /** As at the top of a script, without dashes: `{ tolerance_usecs: '10000' }`. They win over the script's own. */
  options?: Readonly<Record<string, string>>;
  /** What to put in place of words: `-D NAME=value`. */
  defines?: Readonly<Record<string, string>>;
  /** Finds misuse and leaks of packet memory; several times slower. */
  checking?: boolean;
  /** Bytes of packet memory, a multiple of 65,536; 8 MB unless given. To make more takes longer than most scripts. */
  memory?: number;
  /** More for the host under test: a congestion control, a filter. */
  plugins?: readonly Plugin[];
}

const MEMORY = 8 * 1024 * 1024;

/** Runs a script against a host of its own. Never throws for what is wrong with the script, or with the stack. */
export async function runScript(source: string, options: RunOptions = {}): Promise<RunResult> {
  const output: string[] = [];
  try {
    const script = parseScript(source, new Map(Object.entries(options.defines ?? {})));
    const failure = await runParsed(source, script, options, output);
    return { ok: failure === null, failure, output };
  } catch (error) {
    return { ok: false, failure: failureOf(source, error, []), output };
  }
}

async function runParsed(
  source: string,
  script: Script,
  options: RunOptions,
  output: string[],
): Promise<Failure | null> {
  const config = configOf(script, options);
  const { checking = false, memory = MEMORY, plugins = [] } = options;
  const network = createTestNetwork(config, { checking, memory, plugins });
  const session = new Session(config, network);
  let failure: Failure | null = null;
  try {
    if (script.init !== null) runCommand(session, script.init);
    await runEvents(session, script);
  } catch (error) {
    failure = failureOf(source, error, packetsAround(session));
  }
  try {
    if (script.cleanup !== null) runCommand(session, script.cleanup);
    network.lab.close();
  } catch (error) {
    failure ??= failureOf(source, error, []);
  }
  output.push(...session.output);
  return failure;
}

function configOf(script: Script, { options = {} }: RunOptions): Config {
  const config = defaultConfig();
  for (const option of script.options) if (!Object.hasOwn(options, option.name)) applyOption(config, option);
  for (const [name, value] of Object.entries(options)) applyOption(config, { line: 0, name, value });
  return config;
}

function packetsAround(session: Session): string[] {
  const { log, connections } = session;
  const waiting = connections.current?.queue.slice(0, 3).map((seen) => connections.current!.toScript(seen)) ?? [];
  const lines = waiting.map(
    (seen) => `${seconds(session.sinceStart(seen.at))} > ${packetText(seen)}   (not asked for)`,
  );
  return [...log.lines, ...lines];
}

function failureOf(source: string, error: unknown, packets: readonly string[]): Failure {
  if (error instanceof ScriptError) {
    const text = source.split('\n')[error.line - 1]?.trim() ?? '';
    return { line: error.line, text, message: error.message, packets, unsupported: error instanceof Unsupported };
  }
  const { message, stack } = error as Error;
  const text = error instanceof StackError ? `${error.code}: ${message}` : (stack ?? message);
  return { line: 0, text: '', message: text, packets, unsupported: false };
}
