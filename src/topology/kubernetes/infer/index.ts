import type { CniMode, Fact } from '../../../k8s/fact.ts';
import type { IpAddress, IpFamily } from '../../../net/address.ts';
import type { Prefix } from '../../../net/prefix.ts';
import type { Objects } from '../objects.ts';
import { cluesIn, type Note } from './clues.ts';
import { rowsOf } from './cni/index.ts';
import { modes, plugins } from './cni.ts';
import { decide, type Given } from './decide.ts';
import { distributions } from './distribution.ts';
import { clusterDns, clusterDomain } from './dns.ts';
import { clusterCidr, detectLocalMode, nodePortAddresses, type ProxySettings, proxyMode, proxySettings } from './kube-proxy.ts';
import { mtu, nodeMtu } from './mtu.ts';
import { nodeAddresses, nodeRanges, nodeTunnel } from './nodes.ts';
import { notesOn } from './notes.ts';
import { familiesOf, nodePortRange, podCidr, serviceCidr } from './ranges.ts';
import { type Segment, segmentFacts } from './segments.ts';
import { addressesIn, isListed, listIn, modeIn, numberIn, prefixesIn, textIn, valuesOf } from './values.ts';

export type { Note } from './clues.ts';
export type { Given, Statement } from './decide.ts';

/** What the objects say about their cluster: each fact with its source, and its value as the rest of the program needs it. */
export interface Inference {
  /** In the order in which they are shown. */
  readonly facts: readonly Fact[];
  readonly notes: readonly Note[];
  /** The primary one first. */
  readonly families: readonly IpFamily[];
  readonly podCidrs: readonly Prefix[];
  readonly serviceCidrs: readonly Prefix[];
  readonly cni: { readonly plugin: string; readonly mode: CniMode | null; readonly mtu: number | null };
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
  /** As a Topology states it. */
  readonly tunnel: string | null;
}

/** Reads the facts of a cluster from its objects; what is given already wins over them. */
export function infer(objects: Objects, given: Given): Inference {
  const notes: Note[] = [];
  const clues = cluesIn(objects, given, (note) => notes.push(note));
  const { machines } = clues;

  const made = distributions(clues);
  const maker = textIn(valuesOf(made)(null));
  const plugin = plugins(clues);
  const pluginOn = valuesOf(plugin);
  const rowsOn = (node: string | null) => rowsOf(textIn(pluginOn(node)) ?? '');
  const mode = modes(clues, (node) => textIn(pluginOn(node)) ?? '');
  const modeOn = valuesOf(mode);
  const rows = rowsOn(null);

  const ranges = new Map(machines.map((machine) => [machine.name, nodeRanges(clues, machine, rowsOn(machine.name))]));
  const pods = podCidr(clues, rows, maker, [...ranges.values()]);
  const services = serviceCidr(clues, textIn(pluginOn(null)) ?? '', maker);
  const nodePorts = nodePortRange(clues);
  const families = familiesOf(clues, listIn(pods.value));
  const nic = nodeMtu(clues, rows);
  const podMtu = mtu(clues, rows, modeIn(modeOn(null)), nic, families[0] === 'IPv6');
  const masquerade = decide(given, 'masquerade', null, rows.masquerade(clues, listIn(pods.value)));
  const proxy = proxyMode(clues, textIn(pluginOn(null)) ?? '', maker);
  const proxyValue = textIn(valuesOf(proxy.facts)(null));
  const local = clusterCidr(clues, listIn(pods.value), maker);
  const detect = detectLocalMode(clues);
  const portAddresses = nodePortAddresses(clues, proxyValue);
  const domain = clusterDomain(clues);
  const dns = clusterDns(clues);

  const addresses = new Map(machines.map((machine) => [machine.name, nodeAddresses(clues, machine)]));
  const segments = segmentFacts(clues, addresses, {
    pods: prefixesIn(pods.value),
    services: prefixesIn(services.value),
    areUnderlay: pods.value === null && pods.confidence !== 'unknown',
  });
  const ofNode = machines.map((machine) => ({
    name: machine.name,
    addresses: addresses.get(machine.name),
    ranges: ranges.get(machine.name),
    segment: segments.ofNode.get(machine.name),
    tunnel: nodeTunnel(clues, machine, rowsOn(machine.name), modeIn(modeOn(machine.name))),
  }));

  const facts = [
    ...plugin,
    ...mode,
    pods,
    services,
    nodePorts,
    podMtu,
    nic,
    masquerade,
    ...proxy.facts,
    local,
    detect,
    portAddresses,
    domain,
    dns,
    segments.fact,
    ...made,
    ...ofNode.flatMap((node) => [node.addresses, node.ranges, node.segment, node.tunnel]).filter((fact) => fact !== undefined),
  ].map((fact) => withCommand(fact, rowsOn(fact.node).commands));

  return {
    facts,
    notes: [...notes, ...notesOn(facts)],
    families,
    podCidrs: prefixesIn(pods.value),
    serviceCidrs: prefixesIn(services.value),
    cni: { plugin: textIn(pluginOn(null)) ?? '', mode: modeIn(modeOn(null)), mtu: numberIn(podMtu.value) },
    nodeMtu: numberIn(nic.value),
    kubeProxy: {
      ...proxySettings(clues, proxyValue),
      mode: proxyValue,
      clusterCidrs: isListed(local.value) ? prefixesIn(local.value) : null,
      detectLocalMode: textIn(detect.value),
      nodePortAddresses: listIn(portAddresses.value),
      whoElse: proxy.whoElse,
    },
    clusterDomain: textIn(domain.value) ?? '',
    clusterDns: addressesIn(dns.value),
    serviceNodePortRange: textIn(nodePorts.value) ?? '',
    nonMasqueradeCidrs: isListed(masquerade.value) ? prefixesIn(masquerade.value) : null,
    segments: segments.segments,
    distribution: maker,
    nodes: new Map(
      ofNode.map((node) => [
        node.name,
        {
          plugin: textIn(pluginOn(node.name)) ?? '',
          addresses: addressesIn(node.addresses?.value ?? null),
          podCidrs: isListed(node.ranges?.value ?? null) ? prefixesIn(node.ranges?.value ?? null) : null,
          segment: textIn(node.segment?.value ?? null),
          tunnel: textIn(node.tunnel.value),
        },
      ]),
    ),
  };
}

/** A plugin may have something that tells more than the usual command. */
const withCommand = (fact: Fact, commands: ReturnType<typeof rowsOf>['commands']): Fact =>
  fact.command === null ? fact : { ...fact, command: commands?.[fact.fact] ?? fact.command };
