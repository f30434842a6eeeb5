import type { PortOwner } from './sock-common.ts';

/**
 * A local port in use, with everyone who holds it.
 *
 * @kernel include/net/inet_hashtables.h struct inet_bind_bucket
 */
export class BindBucket {
  readonly port: number;
  owners: PortOwner | null = null;
  /** Chosen by a connect alone: other connections to other peers may share it. */
  forConnect = false;
  /** @internal Links of the table of buckets. */
  hash = -1;
  hashNext: BindBucket | null = null;
  hashPrev: BindBucket | null = null;

  constructor(port: number) {
    this.port = port;
  }

  /** @kernel net/ipv4/inet_hashtables.c inet_bind_hash() */
  add(owner: PortOwner): void {
    owner.bindBucket = this;
    owner.bindPrev = null;
    owner.bindNext = this.owners;
    if (this.owners !== null) this.owners.bindPrev = owner;
    this.owners = owner;
  }

  remove(owner: PortOwner): void {
    const { bindNext, bindPrev } = owner;
    if (bindPrev === null) this.owners = bindNext;
    else bindPrev.bindNext = bindNext;
    if (bindNext !== null) bindNext.bindPrev = bindPrev;
    owner.bindBucket = null;
    owner.bindNext = null;
    owner.bindPrev = null;
  }
}
