import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Pair } from './pair.ts';
import { payload } from './payload.ts';
import { get, serve } from './web.ts';

/** One HTTP response, as both of its ends saw it. */
export interface Transfer {
  readonly bytes: number;
  readonly sentSha256: string;
  readonly receivedSha256: string;
  /** That went from the server's application into packet memory, and from there to the client's. */
  readonly bytesWritten: number;
  readonly bytesRead: number;
}

/** Moves `bytes` from the server to the client in one response, and ends the connection. */
export async function transfer(
  { server, client }: Pair,
  bytes: number,
  seed: number,
  progress: (received: number) => void = () => {},
): Promise<Transfer> {
  const source = payload(bytes, seed);
  let sender: Socket | null = null;
  const web = await serve(server, (request, response) => {
    sender = request.socket;
    response.sendDate = false; // it would differ from run to run
    response.setHeader('content-length', bytes);
    source.stream.pipe(response);
  });
  const message = await get(client, '/payload');
  const { socket } = message;
  const closed = once(socket, 'close');
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    hash.update(chunk);
    progress((received += chunk.length));
  }
  await closed;
  web.close();
  return {
    bytes: received,
    sentSha256: source.digest(),
    receivedSha256: hash.digest('hex'),
    bytesWritten: sender!.bytesWritten,
    bytesRead: socket.bytesRead,
  };
}
