export { roundRobin, roundRobinKind, type RoundRobinOptions } from './round-robin.ts';
