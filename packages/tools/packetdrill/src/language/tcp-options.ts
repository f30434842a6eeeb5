import { parseBits, parseHexBytes, parseInteger } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { TcpOption } from './script.ts';
import { ScriptError, Unsupported } from './script-error.ts';

const MPTCP = /^(?:mp_\w+|dss|dss\d+|add_addr\w*|remove_addr\w*)$/;

/** `<mss 1460,sackOK,TS val 1 ecr 0>`; null for `<...>`. */
export function parseTcpOptions(scanner: Scanner): TcpOption[] | null {
  if (!scanner.accept('<')) return [];
  if (scanner.accept('...')) {
    scanner.expect('>');
    return null;
  }
  const options: TcpOption[] = [];
  while (!scanner.accept('>')) {
    if (options.length > 0) scanner.expect(',');
    if (scanner.is('>')) continue;
    options.push(parseOption(scanner));
  }
  return options;
}

function parseOption(scanner: Scanner): TcpOption {
  const { line } = scanner;
  const kind = scanner.expectKind('word').text;
  switch (kind) {
    case 'eol':
    case 'nop':
    case 'sackOK':
      return { kind };
    case 'mss':
      return { kind, value: parseBits(scanner, 16, kind) };
    case 'wscale':
      return { kind, value: parseBits(scanner, 8, kind) };
    case 'sack':
      return { kind, blocks: parseBlocks(scanner) };
    case 'TS':
      return parseTimestamps(scanner);
    case 'FO':
    case 'exp-FO':
    case 'FOEXP':
      return {
        kind: kind === 'FO' ? 'FO' : 'exp-FO',
        bytes: isEnd(scanner) ? new Uint8Array(0) : parseHexBytes(scanner),
      };
    case 'md5':
      return parseMd5(scanner);
    case 'ECN':
      return parseAccEcn(scanner);
    case 'exp':
      return { kind, magic: parseInteger(scanner), bytes: isEnd(scanner) ? new Uint8Array(0) : parseHexBytes(scanner) };
    case 'option':
      return {
        kind: 'unknown',
        number: parseBits(scanner, 8, kind),
        bytes: isEnd(scanner) ? new Uint8Array(0) : parseHexBytes(scanner),
      };
    default:
      if (MPTCP.test(kind)) throw new Unsupported(line, `the stack has no MPTCP, so no option ${kind}`);
      throw new ScriptError(line, `there is no TCP option '${kind}'`);
  }
}

/** `md5 valid`, `md5 invalid`, `md5 000102...`; `md5` for any. */
function parseMd5(scanner: Scanner): TcpOption {
  const isInvalid = scanner.accept('invalid');
  if (isInvalid || scanner.accept('valid')) return { kind: 'md5', bytes: new Uint8Array(0), isValid: !isInvalid };
  return { kind: 'md5', bytes: isEnd(scanner) ? new Uint8Array(0) : parseHexBytes(scanner), isValid: null };
}

function isEnd(scanner: Scanner): boolean {
  return scanner.is(',') || scanner.is('>') || scanner.accept('nil');
}

/** Blocks are pairs with blanks between them. */
function parseBlocks(scanner: Scanner): [number, number][] {
  const blocks: [number, number][] = [];
  while (!isEnd(scanner)) {
    const left = parseInteger(scanner);
    scanner.expect(':');
    blocks.push([left, parseInteger(scanner)]);
  }
  return blocks;
}

function parseTimestamps(scanner: Scanner): TcpOption {
  scanner.expect('val');
  const val = parseInteger(scanner);
  scanner.expect('ecr');
  return { kind: 'TS', val, ecr: parseInteger(scanner) };
}

/** The option's kind says in which order its counters come, and how many it has is for the sender to choose. */
function parseAccEcn(scanner: Scanner): TcpOption {
  const names: string[] = [];
  const counters: number[] = [];
  while (!isEnd(scanner)) {
    names.push(scanner.expectKind('word').text);
    counters.push(parseInteger(scanner));
  }
  const order = names[0] === 'e1b' ? 1 : 0;
  const wanted = order === 1 ? ['e1b', 'ceb', 'e0b'] : ['e0b', 'ceb', 'e1b'];
  if (names.length > 3 || names.some((name, i) => name !== wanted[i])) {
    throw scanner.unexpected(`the counters of AccECN in the order ${wanted.join(' ')}, not ${names.join(' ')},`);
  }
  return { kind: 'ECN', order, counters };
}
