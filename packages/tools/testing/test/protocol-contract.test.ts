import { SOCK_DGRAM } from '@stack/sock';
import { protocolContract, udpFrame } from '@stack/testing';
import { udp } from '@stack/udp';

const datagram = (payload: string) => udpFrame({ sourcePort: 53, destinationPort: 5353, payload }).subarray(34);

protocolContract('udp', 17, udp, { packets: [datagram(''), datagram('hello')], socketType: SOCK_DGRAM });
