import type { NapiStruct } from './napi-struct.ts';

/** Pollers in a row, linked by `next`. A poller is in one list at a time. */
export class NapiList {
  first: NapiStruct | null = null;
  last: NapiStruct | null = null;

  get empty(): boolean {
    return this.first === null;
  }

  push(napi: NapiStruct): void {
    napi.next = null;
    if (this.last === null) this.first = napi;
    else this.last.next = napi;
    this.last = napi;
  }

  shift(): NapiStruct | null {
    const napi = this.first;
    if (napi === null) return null;
    this.first = napi.next;
    if (this.first === null) this.last = null;
    napi.next = null;
    return napi;
  }

  /** Moves all of `other` to the end of this one, and leaves it empty. */
  append(other: NapiList): void {
    if (other.first === null) return;
    if (this.last === null) this.first = other.first;
    else this.last.next = other.first;
    this.last = other.last;
    other.first = other.last = null;
  }
}
