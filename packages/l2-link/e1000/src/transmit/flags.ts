/** What is to be done for a packet on its way into the ring. */
export const E1000_TX_FLAGS_CSUM = 1 << 0;
export const E1000_TX_FLAGS_VLAN = 1 << 1;
export const E1000_TX_FLAGS_TSO = 1 << 2;
export const E1000_TX_FLAGS_IPV4 = 1 << 3;
