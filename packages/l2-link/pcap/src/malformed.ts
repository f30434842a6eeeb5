import { StackError } from '@stack/plugin';

export function malformed(problem: string): never {
  throw new StackError(
    'ERR_STACK_PCAP_FORMAT',
    `not a capture file: ${problem}`,
    'give a whole pcap or pcapng file, not compressed',
  );
}
