/** Bits of the TCP header, as `--tcp-flags` names them (RFC 9293, 3.1). */
export const TCP_FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;

/** In the order of their bits. */
export const tcpFlagNames = (bits: number): readonly string[] =>
  Object.entries(TCP_FLAGS).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
