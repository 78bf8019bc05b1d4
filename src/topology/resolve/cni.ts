import { configureCni, foreignKeys, type NodeCniInput, wrongKeys } from '../../cni/index.ts';
import { areOnSegments, type Cni, type Setting } from '../../k8s/cni.ts';
import { ETHERNET_MTU } from '../../k8s/network.ts';
import type { IpFamily } from '../../net/address.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { NodeInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import type { CniOfNode, NodePlan } from './node-plan.ts';

/** The plugin that objects tell of, with what a node states of it. */
export type ToldCni = (ofNode?: NodeCniInput, nicMtu?: number) => Cni;

interface CniOfCluster {
  readonly cni: Cni;
  readonly cniOf: CniOfNode;
}

/** The plugin with its configuration: a mapping, a plugin's name alone, or left out; and as each node has it. */
export function readCni(
  here: Cursor,
  { cluster: { cni: input }, underlay }: TopologyInput,
  told: ToldCni | null,
  setting: Omit<Setting, 'nicMtu'>,
): CniOfCluster {
  const whole = typeof input === 'object' ? declared(here.locus) : inferred(here.locus);
  const usual = underlay?.mtu ?? ETHERNET_MTU;
  const configured = (own: NodeCniInput | undefined, nicMtu: number, origin = whole) =>
    input === undefined && told !== null ? told(own, nicMtu) : configureCni(input, origin, { ...setting, nicMtu }, own);
  const cni = configured(undefined, usual);
  for (const { path, message, hint } of wrongKeys(input, setting)) here.at(...path).error('bad-value', message, hint);
  // One for all nodes with the same, for all of them know the other nodes alike.
  const ofMtu = new Map([[usual, cni]]);
  const byMtu = (nicMtu: number): Cni => {
    const known = ofMtu.get(nicMtu) ?? configured(undefined, nicMtu);
    ofMtu.set(nicMtu, known);
    return known;
  };
  return {
    cni,
    cniOf(node, cursor) {
      const { cni: own } = node;
      const nicMtu = nicMtuOf(node, usual);
      if (own === undefined) return byMtu(nicMtu);
      const at = cursor.at('cni');
      for (const [key, hint] of foreignKeys(cni.plugin, own)) at.at(key).error('unknown-field', 'unknown field', hint);
      for (const { path, message, hint } of wrongKeys(input, setting, own).filter((w) => String(w.path[0]) in own))
        at.at(...path).error('bad-value', message, hint);
      return configured(own, nicMtu, declared(at.locus));
    },
  };
}

/** The smallest of its NICs'. */
const nicMtuOf = ({ devices, nics = [] }: NodeInput, usual: number): number =>
  Math.min(...['eth0', ...nics.map((n) => n.dev)].map((name) => devices?.[name]?.mtu ?? usual));

/** A device of the plugin's that takes the name of one that every node has. */
export function checkDeviceNames(here: Cursor, nodes: readonly NodePlan[]): void {
  const seen = new Set<Cni>();
  for (const node of nodes) {
    if (seen.has(node.cni)) continue;
    seen.add(node.cni);
    const at = node.input.cni === undefined ? here : node.cursor.at('cni');
    for (const { name, namedBy } of node.cni.devices(node, []))
      if (namedBy !== null && (name === 'lo' || name === 'eth0'))
        at.at(...namedBy).error('duplicate-device', `every node has a device ${name} already`);
  }
}

/** What a plugin cannot have: IPv6, or ranges of nodes. */
export function checkPlugin(here: Cursor, cni: Cni, families: readonly IpFamily[], nodes: readonly NodePlan[]): void {
  if (cni.ipv4Only === true && families.includes('IPv6'))
    here.error('wrong-ip-family', `${cni.name} connects pods with IPv4 only`, 'leave the addresses and ranges of IPv6 out');
  if (!areOnSegments(cni)) return;
  for (const { ranges } of nodes)
    for (const { cursor } of ranges)
      cursor.error(
        'bad-value',
        `with ${cni.name} a pod has an address of its NIC's segment, and a node no range of its own`,
        'leave it out',
      );
}
