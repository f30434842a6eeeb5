export { messagePort, type FramePort, type MessagePortOptions } from './message-port-driver.ts';
