import { genericCni } from '../../cni/generic.ts';
import { type CniInput, configureCni, type NodeCniInput, withMtu, wrongKeys } from '../../cni/index.ts';
import { areOnSegments, type Cni, type Setting } from '../../k8s/cni.ts';
import { ETHERNET_MTU } from '../../k8s/network.ts';
import { type IpAddress, parseAddress } from '../../net/address.ts';
import { contains, type Prefix } from '../../net/prefix.ts';
import { assumed, inferred } from '../../source/origin.ts';
import type { Told } from '../resolve/index.ts';
import type { PodInput, TopologyInput } from '../schema/topology.ts';
import type { Inference } from './infer/index.ts';
import { endOf } from './told-nodes.ts';

type Lists = Pick<TopologyInput, 'nodes' | 'pods'>;

/** The plugin by a model of its own, where objects fill it and the pods are where it would have them; else what all plugins have in common. */
export function toldCni(inference: Inference, lists: Lists): NonNullable<Told['cni']> {
  const { families, podCidrs, nodeMtu, facts } = inference;
  const { plugin, mtu, model } = inference.cni;
  const fact = facts.find((f) => f.fact === 'cni.plugin');
  const evidence = fact?.confidence === 'assumed' || fact?.confidence === 'unknown' ? assumed : inferred;
  const origin = evidence(fact?.source?.locus ?? null);
  const setting: Setting = { families, podCidrs, nicMtu: nodeMtu ?? ETHERNET_MTU };
  const config = 'config' in model ? withOwnMtu(model.config, inference) : null;
  const configured = (input: CniInput, nicMtu: number, ofNode?: NodeCniInput) =>
    withSaid(configureCni(input, origin, { ...setting, nicMtu }, ofNode));
  const why = 'why' in model ? model.why : ((config === null ? null : wrongKeys(config, setting)[0]?.message) ?? null);
  const misfit = config === null ? why : (why ?? misfitOf(configured(config, setting.nicMtu), inference, lists));
  const name = plugin === '' || plugin === 'generic' ? null : plugin;
  return (ofNode, nicMtu = setting.nicMtu) =>
    config !== null && misfit === null
      ? configured(config, nicMtu, ofNode)
      : genericCni(name, origin, ofNode?.mtu ?? mtu ?? undefined, 'why' in model && model.isModelled === false ? null : misfit);
}

/** Cilium's pods have the MTU of the NIC, and their routes that of the tunnel: its model has one for both. */
function withOwnMtu(config: CniInput, { cni: { plugin, mtu }, facts }: Inference): CniInput {
  const isStated = facts.find((f) => f.fact === 'mtu')?.confidence === 'stated';
  return mtu === null || (plugin === 'cilium' && !isStated) ? config : withMtu(config, mtu);
}

/** Which NIC of its node has a pod's address, no object tells. */
const withSaid = (cni: Cni): Cni =>
  cni.nicTables === undefined
    ? cni
    : {
        ...cni,
        modelled: `each pod's address is taken to be one of its node's first NIC, and the VPC to have private ranges; on the node, ip rule; ip route show table all would tell`,
      };

/** What speaks against a plugin's model, as it is configured; null: nothing. */
function misfitOf(cni: Cni, inference: Inference, lists: Lists): string | null {
  const { families, facts } = inference;
  if (cni.ipv4Only === true && families.includes('IPv6')) return 'its model has IPv4 only';
  if (cni.masquerades.by === 'plugin' && facts.find((f) => f.fact === 'masquerade')?.confidence === 'stated')
    return 'what is masqueraded is stated, which it decides by keys of its own';
  if (needsOneSegment(inference) && isSegmentGuessed(inference))
    return 'nodes are on several segments, and no object tells how pods are routed between';
  if (hasStrayTunnel(inference)) return 'the address that nodes send to is none of the node';
  if (!arePodsInPlace(cni, inference, lists)) return 'addresses of pods are not where it gives them';
  if (lacksEnds(cni, inference, lists)) return 'the address of its tunnel on a node is in no object';
  return haveNodesPodsAddresses(cni, lists) ? 'pods have addresses that it would give to devices of the nodes' : null;
}

const PLAIN: ReadonlySet<string> = new Set(['native', 'ptp', 'host-gw']);

/** Without a tunnel, what is between segments has to know where pods are. */
function needsOneSegment({ cni: { mode, model } }: Inference): boolean {
  if (mode !== null && PLAIN.has(mode)) return true;
  if (!('config' in model) || typeof model.config !== 'object' || !('ipPools' in model.config)) return false;
  return (model.config.ipPools ?? []).some((p) => (p.ipipMode ?? 'Never') === 'Never' && (p.vxlanMode ?? 'Never') === 'Never');
}

const isSegmentGuessed = ({ segments, facts }: Inference): boolean =>
  segments.length > 1 && facts.find((f) => f.fact === 'segments')?.confidence !== 'stated';

const hasStrayTunnel = ({ cni: { mode }, nodes }: Inference): boolean =>
  mode !== null &&
  /^(vxlan|ipip)/.test(mode) &&
  [...nodes.values()].some(({ tunnel, addresses }) => {
    const outer = parseAddress(tunnel?.publicIP ?? '');
    return outer !== null && !addresses.includes(outer);
  });

function arePodsInPlace(cni: Cni, inference: Inference, { nodes, pods = [] }: Lists): boolean {
  const byName = new Map(nodes.map((n) => [n.name, n]));
  const placesOf = (node: string): readonly Prefix[] => {
    if (cni.blocks !== undefined) return cni.blocks.pools;
    const own = byName.get(node);
    if (cni.ranges) return own?.podCIDRs ?? [];
    return inference.segments.flatMap(({ prefixes }) =>
      prefixes.some((p) => (own?.ips ?? []).some((a) => contains(p, a))) ? prefixes : [],
    );
  };
  if (!cni.ranges && !areOnSegments(cni)) return true;
  const places = new Map(nodes.map((n) => [n.name, placesOf(n.name)]));
  return addressed(pods).every(([node, address]) => places.get(node)?.some((p) => contains(p, address)) === true);
}

/** Calico's tunnels have an address that IPAM gave them, which only their node tells. */
const lacksEnds = (cni: Cni, inference: Inference, { nodes }: Lists): boolean =>
  cni.blocks !== undefined && /^(vxlan|ipip)/.test(inference.cni.mode ?? '') && nodes.some(({ name }) => endOf(name, inference) === null);

/** The addresses that devices of the nodes are taken to have. */
function haveNodesPodsAddresses(cni: Cni, { nodes, pods = [] }: Lists): boolean {
  if (cni.blocks !== undefined) return false;
  const taken = new Set(addressed(pods).map(([, address]) => address));
  return nodes.some(({ podCIDRs = [] }) => podCIDRs.some((range) => cni.reserved(range).some(({ address }) => taken.has(address))));
}

const addressed = (pods: readonly PodInput[]): readonly (readonly [node: string, address: IpAddress])[] =>
  pods.flatMap(({ node, ips = [], hostNetwork }) =>
    node === undefined || hostNetwork === true ? [] : ips.map((address) => [node, address] as const),
  );
