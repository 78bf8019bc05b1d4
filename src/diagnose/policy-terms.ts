import type { PolicyDirection, PolicyPacket } from '../datapath/policy-point.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { LabelSelector } from '../k8s/label-selector.ts';
import type { Party } from '../k8s/policy/party.ts';
import type { Policy, PolicyPeer, PolicyPort, PolicyRule } from '../k8s/policy/policy.ts';
import { workloadLabels } from '../k8s/policy/workload.ts';
import { familyOf } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { DEFAULT_PREFIX, formatPrefix, hostPrefix } from '../net/prefix.ts';
import type { Value } from '../source/edit.ts';

/** Parts of policies, as they are written and as they are meant. */

export interface Term<T> {
  readonly value: Value;
  readonly meant: T;
}

type Fields = { readonly [field: string]: Value };

const ALL: LabelSelector = { matchLabels: new Map(), matchExpressions: [] };
const selector = (matchLabels: ReadonlyMap<string, string>): LabelSelector => ({ matchLabels, matchExpressions: [] });

export const selectorValue = (labels: ReadonlyMap<string, string>): Fields =>
  labels.size === 0 ? {} : { matchLabels: Object.fromEntries(labels) };

/** The label with a namespace's name, which the API server gives it. */
const NAME = 'kubernetes.io/metadata.name';

/** The peer that is the party and as few others as a selector can tell from it; null: policies of the kind have no peer for it. */
export function peerTerm(cluster: Cluster, { kind, namespace, locus }: Policy, party: Party): Term<PolicyPeer> | null {
  if (party.kind === 'unlisted') return null;
  const isAdmin = kind !== 'NetworkPolicy';
  if (party.kind !== 'pods') {
    const cidr = party.kind === 'world' ? DEFAULT_PREFIX[familyOf(party.address)] : hostPrefix(party.address);
    const text = formatPrefix(cidr);
    const meant = { kind: 'networks', cidrs: [cidr], except: [], locus } as const;
    return { value: isAdmin ? { networks: [text] } : { ipBlock: { cidr: text } }, meant };
  }
  const [pod] = party.pods;
  if (pod === undefined || party.pods.length > 1) return null;
  const labels = workloadLabels(cluster, pod);
  const isOwn = namespace === pod.namespace;
  const where = new Map([[NAME, pod.namespace]]);
  const whole = { namespaceSelector: selectorValue(where), podSelector: selectorValue(labels) };
  const meant = {
    kind: 'pods',
    namespaces: isOwn ? null : selector(where),
    pods: labels.size === 0 ? ALL : selector(labels),
    locus,
  } as const;
  if (isAdmin) return { value: { pods: whole }, meant };
  return { value: isOwn ? { podSelector: selectorValue(labels) } : whole, meant };
}

/** The ports that the packet goes to; a DNS server is asked over TCP, too. Null: it has none, and no list of ports is about it. */
export function portTerms(
  { kind, locus }: Policy,
  { protocol, destinationPort }: PolicyPacket,
  isDns: boolean,
): readonly Term<PolicyPort>[] | null {
  if (protocol === 'icmp' || destinationPort === null) return null;
  const protocols = isDns ? (['udp', 'tcp'] as const) : ([protocol] as const);
  return protocols.map((own) => ({
    value: portValue(kind, own, destinationPort),
    meant: { protocol: own, port: { first: destinationPort, last: destinationPort }, locus },
  }));
}

function portValue(kind: Policy['kind'], protocol: Exclude<Protocol, 'icmp'>, port: number): Fields {
  const upper = protocol.toUpperCase();
  switch (kind) {
    case 'NetworkPolicy':
      return { protocol: upper, port };
    case 'ClusterNetworkPolicy':
      return { [protocol]: { destinationPort: { number: port } } };
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
      return { portNumber: { protocol: upper, port } };
  }
}

export const peersField = (direction: PolicyDirection): 'from' | 'to' => (direction === 'ingress' ? 'from' : 'to');

/** A rule for the peer and the ports; in a NetworkPolicy a rule has no action. */
export function ruleTerm(
  { kind, locus }: Policy,
  direction: PolicyDirection,
  action: 'allow' | 'pass',
  peer: Term<PolicyPeer> | null,
  ports: readonly Term<PolicyPort>[] | null,
): Term<PolicyRule> {
  const word = action === 'pass' ? 'Pass' : kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
  const list = kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
  const value = {
    ...(kind === 'NetworkPolicy' ? {} : { action: word }),
    ...(peer === null ? {} : { [peersField(direction)]: [peer.value] }),
    ...(ports === null ? {} : { [list]: ports.map((p) => p.value) }),
  };
  const meant = { name: null, action, peers: peer === null ? null : [peer.meant], ports: ports?.map((p) => p.meant) ?? null, locus };
  return { value, meant };
}
