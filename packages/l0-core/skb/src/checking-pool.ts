import { StackError } from '@stack/plugin';
import { placeText, thisPlace, type Place } from '@stack/memory';
import { SkbPool } from './pool.ts';
import { SharedInfo } from './shared-info.ts';
import { SkBuff } from './skbuff.ts';

interface Life {
  allocated: Place;
  freed: Place | undefined;
  holder: string;
}

/** Where a buffer keeps its life: what takes away its fields leaves this one. */
const LIFE = Symbol('life');
type Watched = object & { [LIFE]?: Life };

const FREEING = new Set(['consume', 'drop']);
const SHOWN = 5;

/**
 * Packet buffers for tests: no buffer is used twice, and a freed one throws whatever is done with it, naming where it
 * was allocated and where freed. {@link check} throws if one is still alive.
 */
export class CheckingSkbPool extends SkbPool {
  #alive = new Set<SkBuff>();
  #traps: object | undefined;

  /** Throws `ERR_STACK_LEAK` with the places of allocation if a buffer is alive. */
  check(): void {
    if (this.#alive.size === 0) return;
    const alive = [...this.#alive].slice(0, SHOWN).map((skb) => {
      const { allocated, holder } = (skb as Watched)[LIFE]!;
      const who = holder === '' ? '' : `, held by ${holder}`;
      return `  buffer ${skb.id} of ${skb.len} bytes, ${skb.users} owners${who}, allocated\n    ${placeText(allocated)}`;
    });
    const problem = `${this.#alive.size} packet buffers are still alive`;
    throw new StackError('ERR_STACK_LEAK', problem, `consume or drop them\n${alive.join('\n')}`);
  }

  override isAlive(skb: SkBuff): boolean {
    return this.#alive.has(skb);
  }

  override heldBy(skb: SkBuff, holder: string): void {
    (skb as Watched)[LIFE]!.holder = holder;
  }

  protected override takeObject(): SkBuff {
    const skb = new SkBuff(this, new SharedInfo());
    (skb as Watched)[LIFE] = { allocated: thisPlace(), freed: undefined, holder: '' };
    this.#alive.add(skb);
    return skb;
  }

  protected override recycle(skb: SkBuff): void {
    this.#alive.delete(skb);
    (skb as Watched)[LIFE]!.freed = thisPlace();
    this.#traps ??= makeTraps(skb);
    for (const field of Object.keys(skb)) Reflect.deleteProperty(skb, field);
    Object.setPrototypeOf(skb, this.#traps);
  }
}

/** An object on which every field and method of a buffer throws. */
function makeTraps(skb: SkBuff): object {
  const traps = {};
  for (const name of [...Object.keys(skb), ...Object.getOwnPropertyNames(SkBuff.prototype)]) {
    const trap = function (this: Watched): never {
      throw misuse(this, name);
    };
    if (name !== 'constructor') Object.defineProperty(traps, name, { get: trap, set: trap });
  }
  return traps;
}

function misuse(skb: Watched, name: string): StackError {
  const { allocated, freed } = skb[LIFE] ?? {};
  const places = `  allocated\n    ${placeText(allocated)}\n  freed\n    ${placeText(freed)}`;
  return FREEING.has(name)
    ? new StackError('ERR_STACK_DOUBLE_FREE', `${name}() of a packet buffer that was freed`, `free it once\n${places}`)
    : new StackError(
        'ERR_STACK_USE_AFTER_FREE',
        `${name} of a packet buffer that was freed`,
        `read it before\n${places}`,
      );
}
