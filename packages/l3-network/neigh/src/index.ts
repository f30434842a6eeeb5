export * from './rtn.ts';
