/** A kind of plugin that can be begun: what is asked about it, and what is written. */
export interface Kind {
  readonly kind: string;
  /** One line for who has to choose. */
  readonly title: string;
  /** Packages of `@stack` that it imports. */
  readonly needs: readonly string[];
  /** Those that only its tests import, besides `testing`. */
  readonly testNeeds: readonly string[];
  /**
   * The source. What stands in `/*: ... *\/` is a type, and a line that begins with `/*type*\/` is there for types alone:
   * plain JavaScript goes without. NAME, CAMEL and PASCAL become the plugin's name.
   */
  readonly source: string;
  readonly test: string;
  /** What a user of the plugin writes. */
  readonly example: string;
}
