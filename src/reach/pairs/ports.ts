import type { PolicyPacket } from '../../datapath/policy-point.ts';
import type { Pod } from '../../k8s/pod.ts';
import type { Fit } from '../../k8s/policy/fit.ts';
import type { Party } from '../../k8s/policy/party.ts';
import type { PolicyPort } from '../../k8s/policy/policy.ts';
import { portFit } from '../../k8s/policy/port-fit.ts';
import type { IpAddress } from '../../net/address.ts';
import type { Protocol } from '../../net/packet.ts';
import { type NamedPort, namedPorts } from '../ports.ts';
import { everybody, type Fits, nobody, putFit } from './fits.ts';
import { once } from './once.ts';
import type { Peer } from './peers.ts';

/** A port that is dialled; null: the protocol has none. */
export interface Dialled {
  readonly protocol: Protocol;
  readonly port: number | null;
}

/** Has a pod a port that the items name? `portFit` of any of them. */
export function podHasPort(items: readonly PolicyPort[], pod: Pod, dialled: Dialled): Fit['fits'] {
  const address = pod.ips[0]?.address ?? (0 as IpAddress);
  return anyPort(items, { kind: 'pods', address, pods: [pod] }, dialled);
}

function anyPort(items: readonly PolicyPort[], to: Party, { protocol, port }: Dialled): Fit['fits'] {
  const packet: PolicyPacket = {
    protocol,
    source: to.address,
    destination: to.address,
    destinationPort: port,
    calledPort: null,
    fromWorld: false,
  };
  const fits = new Set(items.map((item) => portFit(item, packet, to).fits));
  return fits.has('yes') ? 'yes' : fits.has('unknown') ? 'unknown' : 'no';
}

/** Names of ports, as the peers have them. */
export interface PeerPorts {
  readonly everybody: Fits;
  readonly nobody: Fits;
  /** The ports of a name, whoever has them; each once. */
  named(name: string): readonly NamedPort[];
  /** Who has a port that the items name: for the same ones the same object. */
  fits(items: readonly PolicyPort[], dialled: Dialled): Fits;
}

export function peerPorts(peers: readonly Peer[]): PeerPorts {
  const pods = peers.flatMap(({ party }) => (party.kind === 'pods' ? party.pods : []));
  const all = everybody(peers.length);
  const none = nobody(peers.length);
  const byName = once(
    ({ items, dialled }: { readonly items: readonly PolicyPort[]; readonly dialled: Dialled }) => textOf(items, dialled),
    ({ items, dialled }) => {
      const found = nobody(peers.length);
      for (const [n, { party }] of peers.entries()) putFit(found, n, anyPort(items, party, dialled));
      return found;
    },
  );
  return {
    everybody: all,
    nobody: none,
    named: once(
      (name: string) => name,
      (name) => [...new Map(namedPorts(pods, name).map((p) => [`${p.first}/${p.protocol}`, p])).values()],
    ),
    fits(items, dialled) {
      const numbers = items.filter((i) => i.port === null || !('name' in i.port));
      if (numbers.some((item) => anyPort([item], NOBODY, dialled) === 'yes')) return all;
      return numbers.length === items.length ? none : byName({ items: items.filter((i) => !numbers.includes(i)), dialled });
    },
  };
}

/** Numbers are those of whoever gets the packet. */
const NOBODY: Party = { kind: 'world', address: 0 as IpAddress };

const textOf = (items: readonly PolicyPort[], { protocol, port }: Dialled): string =>
  `${protocol} ${port} ${items.map((i) => `${i.protocol} ${i.port !== null && 'name' in i.port ? i.port.name : ''}`).join()}`;
