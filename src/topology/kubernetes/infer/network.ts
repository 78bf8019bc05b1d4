import type { CniMode, Fact } from '../../../k8s/fact.ts';
import type { IpFamily } from '../../../net/address.ts';
import type { Clues } from './clues.ts';
import { rowsOf } from './cni/index.ts';
import type { CniRows, Tunnel } from './cni/rows.ts';
import { modes, plugins } from './cni.ts';
import { decide } from './decide.ts';
import { distributions } from './distribution.ts';
import { mtu, nodeMtu } from './mtu.ts';
import { nodeAddresses, nodeRanges, nodeTunnel, strayTunnel } from './nodes.ts';
import { familiesOf, podCidr } from './pod-ranges.ts';
import { type Segment, segmentFacts } from './segments.ts';
import { serviceCidr } from './service-ranges.ts';
import { listIn, modeIn, prefixesIn, textIn, valuesOf } from './values.ts';

/** What the cluster was made with, and its CNI: the facts that others hang on. */
export interface Network {
  readonly distributions: readonly Fact[];
  readonly plugins: readonly Fact[];
  readonly modes: readonly Fact[];
  readonly distribution: string | null;
  /** On a node, or on most. */
  pluginOn(node: string | null): string;
  modeOn(node: string | null): CniMode | null;
  rowsOn(node: string | null): CniRows;
}

export function networkOf(clues: Clues): Network {
  const made = distributions(clues);
  const plugin = plugins(clues);
  const ofPlugin = valuesOf(plugin);
  const pluginOn = (node: string | null) => textIn(ofPlugin(node)) ?? '';
  const mode = modes(clues, pluginOn);
  const ofMode = valuesOf(mode);
  return {
    distributions: made,
    plugins: plugin,
    modes: mode,
    distribution: textIn(valuesOf(made)(null)),
    pluginOn,
    modeOn: (node) => modeIn(ofMode(node)),
    rowsOn: (node) => rowsOf(pluginOn(node)),
  };
}

/** Ranges, MTUs and masquerade, and how the nodes are connected. */
export interface Addressing {
  readonly families: readonly IpFamily[];
  readonly podCidr: Fact;
  readonly serviceCidr: Fact;
  readonly mtu: Fact;
  readonly nodeMtu: Fact;
  readonly masquerade: Fact;
  readonly segments: Fact;
  readonly underlay: readonly Segment[];
  /** Of each node, in the contract's order. */
  readonly ofNodes: readonly { readonly name: string; readonly tunnel: Tunnel | null; readonly facts: readonly Fact[] }[];
}

export function addressingOf(clues: Clues, network: Network): Addressing {
  const { distribution, rowsOn, modeOn, pluginOn } = network;
  const rows = rowsOn(null);
  const ranges = new Map(clues.machines.map((machine) => [machine.name, nodeRanges(clues, machine, rowsOn(machine.name))]));
  const pods = podCidr(clues, rows, distribution, [...ranges.values()]);
  const services = serviceCidr(clues, pluginOn(null), distribution);
  const families = familiesOf(clues, listIn(pods.value));
  const nic = nodeMtu(clues, rows);
  const addresses = new Map(clues.machines.map((machine) => [machine.name, nodeAddresses(clues, machine)]));
  const segments = segmentFacts(clues, addresses, {
    pods: prefixesIn(pods.value),
    services: prefixesIn(services.value),
    areUnderlay: pods.value === null && pods.confidence !== 'unknown',
  });
  const ofNodes = clues.machines.map((machine) => {
    const { name } = machine;
    const tunnel = rowsOn(name).tunnel?.(machine) ?? null;
    const own = addresses.get(name);
    const stray = tunnel === null || own === undefined ? null : strayTunnel(machine, tunnel, own);
    if (stray !== null) clues.note(stray);
    const facts = [own, ranges.get(name), segments.ofNode.get(name), nodeTunnel(clues, machine, tunnel, modeOn(name))];
    return { name, tunnel, facts: facts.filter((fact) => fact !== undefined) };
  });
  return {
    families,
    podCidr: pods,
    serviceCidr: services,
    mtu: mtu(clues, rows, modeOn(null), nic, families[0] === 'IPv6'),
    nodeMtu: nic,
    masquerade: decide(clues.given, 'masquerade', null, rows.masquerade(clues, listIn(pods.value))),
    segments: segments.fact,
    underlay: segments.segments,
    ofNodes,
  };
}
