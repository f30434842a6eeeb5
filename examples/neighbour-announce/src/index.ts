export { announce, ETH_P_ANNOUNCE } from './announce.ts';
