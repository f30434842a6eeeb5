export * from './inet-protocols.ts';
export * from './inet-sock.ts';
export * from './ip-output.ts';
export * from './rtable.ts';
