import type { Container } from '../k8s/pod.ts';
import type { IpAddress } from '../net/address.ts';

/** A socket that a container states: a port of all its addresses, or what it listens on. */
export interface Socket {
  readonly name: string | null;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Null: all addresses. */
  readonly address: IpAddress | null;
}

/** Container ports come first, then `listen`. */
export const socketsOf = ({ ports, listen }: Container): readonly Socket[] => [
  ...ports.map(({ name, port, protocol }) => ({ name, port, protocol, address: null })),
  ...listen.map(({ port, protocol, address }) => ({ name: null, port, protocol, address })),
];

/** One of each port and protocol: a port may be stated of several addresses. */
export const distinctPorts = (sockets: readonly Socket[]): readonly Socket[] =>
  sockets.filter((s, i) => sockets.findIndex((t) => t.port === s.port && t.protocol === s.protocol) === i);
