import type { CniMode, Fact, FactName, FactSource, FactValue } from '../../../k8s/fact.ts';
import type { Enforcement } from '../../../k8s/policy/enforcement.ts';
import type { IpAddress, IpFamily } from '../../../net/address.ts';
import type { Prefix } from '../../../net/prefix.ts';
import { nameOf, type Objects, objectsOf } from '../objects.ts';
import { cluesIn, type Note } from './clues.ts';
import type { CniRows, Model, Tunnel } from './cni/rows.ts';
import type { Given } from './decide.ts';
import { clusterDns, clusterDomain } from './dns.ts';
import { clusterCidr, detectLocalMode, nodePortAddresses, type ProxySettings, proxyMode, proxySettings } from './kube-proxy.ts';
import { modelOf } from './model.ts';
import { addressingOf, networkOf } from './network.ts';
import { networkPolicy } from './network-policy.ts';
import { notesOn } from './notes.ts';
import { fieldOf } from './saying.ts';
import type { Segment } from './segments.ts';
import { nodePortRange } from './service-ranges.ts';
import { addressesIn, listIn, modeIn, numberIn, prefixesIn, prefixesOrNull, textIn, valuesOf } from './values.ts';

export type { Note } from './clues.ts';
export type { Tunnel } from './cni/rows.ts';
export { type Given, type Statement, statedFacts } from './decide.ts';
export { wordsOf } from './nodes.ts';

/** What the objects say about their cluster: each fact with its source, and its value as the rest of the program needs it. */
export interface Inference {
  /** In the order in which they are shown. */
  readonly facts: readonly Fact[];
  readonly notes: readonly Note[];
  /** The primary one first. */
  readonly families: readonly IpFamily[];
  readonly podCidrs: readonly Prefix[];
  readonly serviceCidrs: readonly Prefix[];
  readonly cni: { readonly plugin: string; readonly mode: CniMode | null; readonly mtu: number | null; readonly model: Model };
  readonly nodeMtu: number | null;
  readonly kubeProxy: ProxySettings & {
    /** Null: nothing says it. */
    readonly mode: string | null;
    readonly clusterCidrs: readonly Prefix[] | null;
    readonly detectLocalMode: string | null;
    /** Prefixes, or `primary`; empty: all addresses of a node. */
    readonly nodePortAddresses: readonly string[];
    readonly whoElse: string | null;
  };
  readonly enforcer: Enforcement;
  readonly clusterDomain: string;
  readonly clusterDns: readonly IpAddress[];
  readonly serviceNodePortRange: string;
  /** The destinations that keep a pod as source; empty: nothing is masqueraded; null: not known. */
  readonly nonMasqueradeCidrs: readonly Prefix[] | null;
  readonly segments: readonly Segment[];
  readonly distribution: string | null;
  readonly nodes: ReadonlyMap<string, InferredNode>;
}

export interface InferredNode {
  readonly plugin: string;
  readonly addresses: readonly IpAddress[];
  /** Empty: single addresses; null: not known. */
  readonly podCidrs: readonly Prefix[] | null;
  readonly segment: string | null;
  readonly tunnel: Tunnel | null;
}

/** Reads the facts of a cluster from its objects; what is given already wins over them. */
export function infer(objects: Objects, given: Given): Inference {
  const notes: Note[] = [];
  const clues = cluesIn(objects, given, (note) => notes.push(note));
  const network = networkOf(clues);
  const addressing = addressingOf(clues, network);
  const podCidrs = listIn(addressing.podCidr.value);
  const proxy = proxyMode(clues, network.pluginOn(null), network.distribution);
  const mode = textIn(valuesOf(proxy.facts)(null));

  const policy = networkPolicy(clues, pluginOf(network.plugins), network.distribution);

  const ofCluster = [
    ...network.plugins,
    ...network.modes,
    addressing.podCidr,
    addressing.serviceCidr,
    nodePortRange(clues),
    addressing.mtu,
    addressing.nodeMtu,
    addressing.masquerade,
    policy.fact,
    ...proxy.facts,
    clusterCidr(clues, podCidrs, network.distribution),
    detectLocalMode(clues),
    nodePortAddresses(clues, mode),
    clusterDomain(clues),
    clusterDns(clues),
    addressing.segments,
    ...network.distributions,
  ];
  const facts = [...ofCluster, ...addressing.ofNodes.flatMap((node) => node.facts)].map((fact) =>
    withCommand(fact, network.rowsOn(fact.node).commands),
  );
  const value = valueIn(ofCluster, null);
  return {
    facts,
    notes: [...notes, ...notesOn(facts, (node) => placeOfNode(objects, node))],
    families: addressing.families,
    podCidrs: prefixesIn(value('podCIDR')),
    serviceCidrs: prefixesIn(value('serviceCIDR')),
    cni: { plugin: network.pluginOn(null), mode: modeIn(value('cni.mode')), mtu: numberIn(value('mtu')), model: modelOf(clues, network) },
    nodeMtu: numberIn(value('nodeMTU')),
    kubeProxy: {
      ...proxySettings(clues, mode),
      mode,
      clusterCidrs: prefixesOrNull(value('kubeProxy.clusterCIDR')),
      detectLocalMode: textIn(value('kubeProxy.detectLocalMode')),
      nodePortAddresses: listIn(value('kubeProxy.nodePortAddresses')),
      whoElse: proxy.whoElse,
    },
    enforcer: policy.enforcement,
    clusterDomain: textIn(value('clusterDomain')) ?? '',
    clusterDns: addressesIn(value('clusterDNS')),
    serviceNodePortRange: textIn(value('serviceNodePortRange')) ?? '',
    nonMasqueradeCidrs: prefixesOrNull(value('masquerade')),
    segments: addressing.underlay,
    distribution: network.distribution,
    nodes: new Map(
      addressing.ofNodes.map((node) => [node.name, inferredNode(network.pluginOn(node.name), node.tunnel, valueIn(node.facts, node.name))]),
    ),
  };
}

const pluginOf = (plugins: readonly Fact[]) => plugins.find((f) => f.node === null) ?? { value: null, confidence: 'unknown' as const };

const valueIn =
  (facts: readonly Fact[], node: string | null) =>
  (name: FactName): FactValue =>
    facts.find((f) => f.fact === name && f.node === node)?.value ?? null;

const inferredNode = (plugin: string, tunnel: Tunnel | null, value: (name: FactName) => FactValue): InferredNode => ({
  plugin,
  addresses: addressesIn(value('node.addresses')),
  podCidrs: prefixesOrNull(value('node.podCIDRs')),
  segment: textIn(value('node.segment')),
  tunnel,
});

function placeOfNode(objects: Objects, name: string): FactSource | null {
  const node = objectsOf(objects, 'Node').find((n) => nameOf(n) === name);
  return node === undefined ? null : fieldOf(node, 'metadata', 'name');
}

/** A plugin may have something that tells more than the usual command. */
const withCommand = (fact: Fact, commands: CniRows['commands']): Fact =>
  fact.command === null ? fact : { ...fact, command: commands?.[fact.fact] ?? fact.command };
