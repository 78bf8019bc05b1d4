import type { Policy, PolicyPeer, PolicyPort, PolicyRule } from '../../k8s/policy/policy.ts';
import { declared } from '../../source/origin.ts';
import type { NetworkPolicySpec } from '../schema/network-policy.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { blocksPeer, protocolOf } from './policy-values.ts';
import { selectorOf } from './selectors.ts';

/** NetworkPolicies, with the API server's defaults. */
export function readNetworkPolicies(root: Cursor, { networkPolicies = [] }: TopologyInput): readonly Policy[] {
  uniqueNames(
    networkPolicies,
    'NetworkPolicy',
    (p) => `${p.namespace ?? 'default'}/${p.name}`,
    (i) => root.at('networkPolicies', i, 'name'),
  );
  return networkPolicies.map(({ name, namespace = 'default', ...spec }, i): Policy => {
    const here = root.at('networkPolicies', i).of(`NetworkPolicy/${namespace}/${name}`);
    const types = typesOf(spec);
    for (const [type, field] of [
      ['Ingress', 'ingress'],
      ['Egress', 'egress'],
    ] as const)
      if (!types.includes(type) && (spec[field] ?? []).length > 0)
        here
          .at(field)
          .warn(
            'rules-without-type',
            `policyTypes has no ${type}, so that these rules say nothing`,
            `add ${type} to policyTypes, or leave it out`,
          );
    const ingress = (spec.ingress ?? []).map(({ from, ports }, j) => readRule(here.at('ingress', j), 'from', from, ports));
    const egress = (spec.egress ?? []).map(({ to, ports }, j) => readRule(here.at('egress', j), 'to', to, ports));
    return {
      kind: 'NetworkPolicy',
      namespace,
      name,
      tier: 'NetworkPolicy',
      priority: null,
      subject: { namespaces: null, pods: selectorOf(spec.podSelector) },
      ingress: types.includes('Ingress') ? ingress : null,
      egress: types.includes('Egress') ? egress : null,
      origin: declared(here.locus),
      locus: here.locus,
    };
  });
}

/** Source: SetDefaults_NetworkPolicy, pkg/apis/networking/v1/defaults.go. */
function typesOf({ policyTypes, egress }: NetworkPolicySpec): readonly ('Ingress' | 'Egress')[] {
  if ((policyTypes ?? []).length > 0) return policyTypes ?? [];
  return (egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

type Peers = NonNullable<NonNullable<NetworkPolicySpec['ingress']>[number]['from']>;
type Ports = NonNullable<NonNullable<NetworkPolicySpec['ingress']>[number]['ports']>;

/** An empty list of peers, or of ports, is none that restricts. */
function readRule(here: Cursor, field: 'from' | 'to', peers: Peers | null | undefined, ports: Ports | null | undefined): PolicyRule {
  const read = (peers ?? []).map((peer, i) => readPeer(here.at(field, i), peer));
  const readPorts = (ports ?? []).map((port, i) => readPort(here.at('ports', i), port));
  return {
    name: null,
    action: 'allow',
    peers: read.length === 0 ? null : read,
    ports: readPorts.length === 0 ? null : readPorts,
    locus: here.locus,
  };
}

function readPeer(here: Cursor, { podSelector, namespaceSelector, ipBlock }: Peers[number]): PolicyPeer {
  const { locus } = here;
  if (ipBlock == null)
    return {
      kind: 'pods',
      namespaces: namespaceSelector == null ? null : selectorOf(namespaceSelector),
      pods: selectorOf(podSelector),
      locus,
    };
  const block = here.at('ipBlock');
  return blocksPeer(here, [ipBlock.cidr], ipBlock.except ?? [], (field, i) => (field === 'cidr' ? block.at(field) : block.at(field, i)));
}

function readPort(here: Cursor, { protocol, port, endPort }: Ports[number]): PolicyPort {
  const { locus } = here;
  const own = protocolOf(protocol);
  if (port == null) return { protocol: own, port: null, locus };
  if (typeof port === 'string') return { protocol: own, port: { name: port }, locus };
  return { protocol: own, port: { first: port, last: endPort ?? port }, locus };
}
