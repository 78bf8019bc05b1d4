import { podAt, sharedBy } from '../../k8s/address-index.ts';
import type { Cluster } from '../../k8s/cluster.ts';
import type { Pod } from '../../k8s/pod.ts';
import { foreignPoliciesOn } from '../../k8s/policy/foreign.ts';
import { type Party, partyAt } from '../../k8s/policy/party.ts';
import type { Policy } from '../../k8s/policy/policy.ts';
import { FAMILIES, familyOf, formatAddress, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import { PrefixTable } from '../../net/prefix-table.ts';
import { type Blocks, blocksOf, partsOf } from '../blocks.ts';
import { outsideAddress } from '../outside.ts';
import { addressesOf } from '../peers.ts';
import { askedByAny, numberOf, portTraits, type Values } from '../traits.ts';

/** Addresses that no policy of the cluster tells apart; one stands for all. */
export interface Peer {
  readonly party: Party;
  /** Of which block of addresses it is: a number in `blocks`. */
  readonly block: number;
}

/** Null: it is none, or several of one address. */
export function podOf({ party }: Peer): Pod | null {
  const [pod = null, other] = party.kind === 'pods' ? party.pods : [];
  return other === undefined ? pod : null;
}

/** All that may be at the other end of a connection, in classes. */
export interface Peers {
  readonly all: readonly Peer[];
  /** The addresses of both families, cut where policies' blocks begin and end. */
  readonly blocks: readonly Prefix[];
  /** The same, as `partsOf` takes them. */
  readonly inFamily: Readonly<Record<IpFamily, Blocks>>;
  /**
   * The class of an address, as a number in `all`; null: it is none of the cluster's nor of a stated block's, and has to be asked about by itself.
   * `fromWorld`: as in a PolicyPacket, of its source; a destination has false.
   */
  at(address: IpAddress, fromWorld: boolean | null): number | null;
  /** The class of a pod that shares its address with no other; null: it does, or has none. */
  of(pod: Pod): number | null;
}

const BOTH = ['ingress', 'egress'] as const;
const WORLD = { IPv4: 'world 4', IPv6: 'world 6' } as const;

export function peersOf(cluster: Cluster, policies: readonly Policy[]): Peers {
  const inFamily = { IPv4: blocksOf(policies, BOTH, 'IPv4'), IPv6: blocksOf(policies, BOTH, 'IPv6') };
  const blocks = [...inFamily.IPv4.prefixes, ...inFamily.IPv6.prefixes];
  const table = new PrefixTable<number>();
  for (const [i, prefix] of blocks.entries()) table.add(prefix, i);
  const blockOf = (address: IpAddress): number => table.longest(address)?.[0] ?? 0;

  const all: Peer[] = [];
  const numbers = new Map<string, number>();
  const add = (key: string, party: Party, block: number): number => {
    const known = numbers.get(key) ?? all.push({ party, block }) - 1;
    numbers.set(key, known);
    return known;
  };

  const podTraits = traitsOfPods(cluster, policies);
  const nodeTraits = traitsOfNodes(policies);
  const keyOf = (party: Party, block: number): string => {
    switch (party.kind) {
      case 'pods': {
        const [pod, other] = party.pods;
        return pod === undefined || other !== undefined ? `pods ${formatAddress(party.address)}` : `pod ${block} ${podTraits(pod)}`;
      }
      case 'node':
        return `node ${block} ${party.mayBeWorld} ${nodeTraits(party)}`;
      case 'unlisted':
      case 'outside':
        return `${party.kind} ${block}`;
      case 'world':
        return WORLD[familyOf(party.address)];
    }
  };
  const learn = (party: Party) => {
    const block = blockOf(party.address);
    return add(keyOf(party, block), party, block);
  };

  const ofPods = new Map<IpAddress, number>();
  for (const pods of cluster.podsByNode.values())
    for (const { ips } of pods) for (const { address } of ips) ofPods.set(address, learn(partyAt(cluster, address, false)));
  for (const node of cluster.nodes.values())
    for (const family of FAMILIES)
      for (const address of addressesOf(cluster, node, family)) for (const maybe of [false, true]) learn(partyAt(cluster, address, maybe));
  for (const family of cluster.families)
    partsOf(inFamily[family], (prefix) => {
      const address = outsideAddress(cluster, prefix);
      return address === null ? null : learn({ kind: 'outside', address, service: null });
    });
  for (const family of cluster.families) learn({ kind: 'world', address: inFamily[family].prefixes.at(-1)?.address ?? (0 as IpAddress) });
  return {
    all,
    blocks,
    inFamily,
    of(pod) {
      const [first] = pod.ips;
      if (first === undefined || podAt(cluster, first.address) !== pod || sharedBy(cluster, first.address).length > 0) return null;
      return ofPods.get(first.address) ?? null;
    },
    at(address, fromWorld) {
      if (fromWorld === true) return numbers.get(WORLD[familyOf(address)]) ?? null;
      const known = ofPods.get(address);
      if (known !== undefined) return known;
      const party = partyAt(cluster, address, fromWorld === null);
      return numbers.get(keyOf(party, blockOf(address))) ?? null;
    },
  };
}

/** What selectors, names of ports and policies of other kinds see of a pod. */
function traitsOfPods(cluster: Cluster, policies: readonly Policy[]): (pod: Pod) => string {
  const asked = askedByAny(policies);
  const areNamed = policies.some((p) => [...(p.ingress ?? []), ...(p.egress ?? [])].some((r) => r.ports?.some(hasName)));
  const foreign = foreignTraits(cluster);
  return (pod) => {
    const isTemplate = cluster.standIns.pods > 0 && pod.owner !== null;
    return `${pod.namespace} ${labelsSeen(pod.labels, asked.ofPods)} ${areNamed ? portTraits(pod) : ''} ${isTemplate} ${foreign(pod)}`;
  };
}

const hasName = ({ port }: { readonly port: object | null }): boolean => port !== null && 'name' in port;

/** Values that no selector names are all the same to them. */
function labelsSeen(labels: ReadonlyMap<string, string>, asked: Values): string {
  const seen: string[] = [];
  for (const [name, value] of labels) {
    const values = asked.get(name);
    if (values !== undefined) seen.push(`${name}${values.has(value) ? `=${value}` : ''}`);
  }
  return seen.length > 1 ? seen.sort().join() : (seen[0] ?? '');
}

function foreignTraits(cluster: Cluster): (pod: Pod) => string {
  if (cluster.foreignPolicies.length === 0) return () => '';
  const known = new Map<string, string>();
  return (pod) => {
    const key = `${pod.namespace} ${JSON.stringify([...pod.labels])}`;
    const text =
      known.get(key) ?? (['ingress', 'egress'] as const).map((d) => foreignPoliciesOn(cluster, pod, d).map(numberOf).join()).join(' ');
    known.set(key, text);
    return text;
  };
}

function traitsOfNodes(policies: readonly Policy[]): (party: Extract<Party, { kind: 'node' }>) => string {
  const asked = askedByAny(policies);
  return ({ node, address }) => {
    if (node === null) return '';
    const isListed = node.addresses.some((a) => a.type !== 'Hostname' && a.address === address);
    return `${isListed} ${labelsSeen(node.labels, asked.ofNodes)}`;
  };
}
