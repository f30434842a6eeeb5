import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Host } from '@stack/host';

/** This repository, from the sources as well as from the build. */
export const REPOSITORY = new URL('../../../../', import.meta.url);

/** A server of Node's http on a host, up and listening at port 80. */
export async function serve(host: Host, answer: RequestListener): Promise<Server> {
  const server = host.http().createServer(answer);
  const listening = once(server, 'listening');
  server.listen(80);
  await listening;
  return server;
}

/** Answers with the files of the repository, and 404 for what is none. */
export const files: RequestListener = (request, response) => {
  // URL resolves every `..` before it can lead out of the repository.
  const { pathname } = new URL(request.url ?? '/', 'http://server');
  const path = fileURLToPath(new URL(`.${pathname}`, REPOSITORY));
  stat(path).then(
    (found) => {
      if (!found.isFile()) return response.writeHead(404).end();
      response.setHeader('content-length', found.size);
      return createReadStream(path).pipe(response);
    },
    () => response.writeHead(404).end(),
  );
};

/** Gets something on a connection of its own, which is closed behind it. */
export function get(host: Host, path: string): Promise<IncomingMessage> {
  const http = host.http();
  return new Promise((resolve, reject) => {
    http.get({ host: 'server', path, agent: http.createAgent() }, resolve).on('error', reject);
  });
}
