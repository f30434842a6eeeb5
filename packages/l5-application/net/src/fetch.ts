import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Http } from './http.ts';

/** The WHATWG fetch of one host, for `http:` URLs: enough for requests with a body and streamed responses, without redirects or cookies. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Statuses that have no body; Response refuses to be made with one. */
const BODILESS = new Set([101, 204, 205, 304]);

export function fetchOver(http: Http): Fetch {
  return async (url, init = {}) => {
    const request = new Request(url, init);
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    const message = await send(http, request, body);
    const headers = new Headers();
    for (let i = 0; i < message.rawHeaders.length; i += 2)
      headers.append(message.rawHeaders[i], message.rawHeaders[i + 1]);
    const bodiless = BODILESS.has(message.statusCode!) || request.method === 'HEAD';
    if (bodiless) message.resume();
    const stream = bodiless ? null : (Readable.toWeb(message) as ReadableStream);
    return new Response(stream, { status: message.statusCode, statusText: message.statusMessage, headers });
  };
}

function send(http: Http, request: Request, body: Buffer | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = Object.fromEntries(request.headers);
    if (body !== null) headers['content-length'] = String(body.length);
    const outgoing = http.request(request.url, { method: request.method, headers, signal: request.signal }, resolve);
    outgoing.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    outgoing.end(body ?? undefined);
  });
}
