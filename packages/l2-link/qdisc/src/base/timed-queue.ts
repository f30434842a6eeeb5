import { SkbQueue, type SkBuff } from '@stack/skb';
import { cbTime, setCbTime } from './cb.ts';

/** Packets in the order of the times at which they may leave; those of one time in the order in which they came. */
export class TimedQueue extends SkbQueue {
  insert(skb: SkBuff, at: number): void {
    setCbTime(skb, at);
    // Nearly all come in order: from the end it is a short way.
    let place = this.last;
    while (place !== null && cbTime(place) > at) place = place.prev;
    if (place === null) this.unshift(skb);
    else this.insertAfter(place, skb);
  }
}
