export { vegas, vegasControl } from './vegas.ts';
