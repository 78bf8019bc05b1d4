import type { ContainerPort } from '../k8s/pod.ts';
import type { ServicePort } from '../k8s/service.ts';
import type { IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Parsed } from './result.ts';

/** Protocol, port and addresses that the client calls. */
export interface Target {
  readonly protocol: Protocol;
  /** Null for ICMP. */
  readonly port: number | null;
  /** The addresses that the client may call, each as likely as another: several for a headless service. All are of the question's family. */
  readonly addresses: readonly IpAddress[];
  /** Things that were chosen for the user, to be said once. */
  readonly notes: readonly string[];
  /** The service port that it is, if it is one. */
  readonly servicePort: ServicePort | null;
  /** Why there is no address to call, when there is none. */
  readonly missing: Missing | null;
  /** No port was asked for, and the pod states none: an answer says nothing of its processes. */
  readonly pinged?: true;
}

/** `pod`: it is not there. `controller`: the input does not say whose pods serve a URL. `family`: the destination has addresses, but none of the question's family. */
export type Missing = 'endpoints' | 'pod' | 'load-balancer' | 'name' | 'controller' | 'family';

/** The port and protocol that are asked for, by the destination or by flags; null: not said. */
export interface Wish {
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
  /** A port that a named service does not have is called all the same. */
  readonly walkClosed?: boolean;
}

/** A target that is no service's. */
export const plain = (protocol: Protocol, port: number | null, address: IpAddress, notes: readonly string[] = []): Parsed<Target> => ({
  ok: true,
  value: { protocol, port, addresses: [address], notes, servicePort: null, missing: null },
});

/** An ICMP echo to a pod, for want of a port. */
export const pinged = (address: IpAddress, notes: readonly string[] = []): Parsed<Target> => ({
  ok: true,
  value: { protocol: 'icmp', port: null, addresses: [address], notes, servicePort: null, missing: null, pinged: true },
});

/** A port as it was asked for: `53/udp`, and without a protocol `53`. */
export const asked = (port: number | string, protocol: Protocol | null): string => (protocol === null ? `${port}` : `${port}/${protocol}`);

/** `80/tcp (http)` */
export const portText = (p: Pick<ContainerPort, 'name' | 'port' | 'protocol'>): string =>
  `${p.port}/${p.protocol}${p.name === null || p.name === '' ? '' : ` (${p.name})`}`;
