import { token } from '@stack/plugin';

/** Where every random decision comes from: sequence numbers, ports, hash secrets, and what a bad cable does. */
export interface Random {
  /** 32 random bits as a signed integer. */
  int32(): number;
  /** A fraction in [0, 1). */
  fraction(): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  /** An independent source; a seeded parent gives the same child for the same label. */
  fork(label: string): Random;
}

export const Random = token<Random>('Random', 'pass a random source to the host, for example seededRandom(7)');
