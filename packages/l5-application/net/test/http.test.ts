import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { event, loopbackHost } from './loopback-host.ts';

test("Node's http: a body up, another one down, over one connection that stays", async () => {
  const { clock, http, fetch } = loopbackHost();
  const ports = new Set<number | undefined>();
  const server = http.createServer(async (request, response) => {
    ports.add(request.socket.remotePort);
    let length = 0;
    for await (const chunk of request) length += (chunk as Buffer).length;
    response.writeHead(201, { 'X-Length': length }).end(Buffer.alloc(500_000, 'b'));
  });
  server.listen(80);
  for (let i = 0; i < 3; i++) {
    const response = await clock.settle(fetch('http://me/', { method: 'POST', body: 'a'.repeat(300_000) }));
    expect(response.status).toBe(201);
    expect(response.headers.get('x-length')).toBe('300000');
    expect((await clock.settle(response.arrayBuffer())).byteLength).toBe(500_000);
  }
  expect(ports.size).toBe(1);
  server.close();
  await clock.settle(event(server, 'close'));
});

test('fetch: a status without a body, a redirect that is told, a failure with its cause', async () => {
  const { clock, http, fetch } = loopbackHost();
  const server = http.createServer((request, response) => {
    if (request.url === '/none') response.writeHead(204).end();
    else response.writeHead(302, { Location: '/none' }).end();
  });
  server.listen(80);
  const none = await clock.settle(fetch('http://127.0.0.1/none'));
  expect([none.status, none.body]).toEqual([204, null]);
  const elsewhere = await clock.settle(fetch('http://127.0.0.1/'));
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([302, '/none']);
  await clock.settle(elsewhere.text());
  const failed = fetch('http://127.0.0.1:81/');
  await expect(clock.settle(failed)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  server.close();
  await clock.settle(event(server, 'close'));
});
