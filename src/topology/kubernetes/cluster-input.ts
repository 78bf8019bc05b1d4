import { guessedProxy } from '../../k8s/guessed-proxy.ts';
import { familyOf, type IpAddress, nextAddress } from '../../net/address.ts';
import { type Prefix, prefixOf } from '../../net/prefix.ts';
import { parsePortRange } from '../../source/fields.ts';
import type { Told } from '../resolve/index.ts';
import type { ClusterInput, NodeInput, TopologyInput } from '../schema/topology.ts';
import type { Inference } from './infer/index.ts';
import { prefixesIn } from './input/text.ts';

/** What the facts of a cluster mean in a Topology's words. */
export function clusterWide(inference: Inference): ClusterInput {
  const { podCidrs, serviceCidrs, clusterDomain, clusterDns } = inference;
  const nodePorts = parsePortRange(inference.serviceNodePortRange);
  return {
    ...(podCidrs.length === 0 ? {} : { podCIDRs: [...podCidrs] }),
    ...(serviceCidrs.length === 0 ? {} : { serviceCIDRs: [...serviceCidrs] }),
    ...(clusterDomain === '' ? {} : { clusterDomain }),
    ...(clusterDns.length === 0 ? {} : { clusterDNS: [...clusterDns] }),
    ...masquerade(inference),
    ...(nodePorts === null ? {} : { serviceNodePortRange: nodePorts }),
    kubeProxy: kubeProxy(inference),
  };
}

/** Only what an object says is taken to be done: of a default, nothing here knows whether it is. */
function masquerade({ facts, nonMasqueradeCidrs }: Inference): Pick<ClusterInput, 'masquerade'> {
  const confidence = facts.find((f) => f.fact === 'masquerade')?.confidence;
  const isSaid = confidence === 'stated' || confidence === 'observed' || confidence === 'declared';
  if (!isSaid || nonMasqueradeCidrs === null) return {};
  return { masquerade: nonMasqueradeCidrs.length === 0 ? 'none' : { nonMasqueradeCIDRs: [...nonMasqueradeCidrs] } };
}

const MODES = ['iptables', 'nftables', 'ipvs', 'none'] as const;
const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] as const;

function kubeProxy({ kubeProxy: proxy }: Inference): Extract<NonNullable<ClusterInput['kubeProxy']>, object> {
  const addresses = prefixesIn(proxy.nodePortAddresses);
  const detectLocalMode = LOCAL_MODES.find((m) => m === proxy.detectLocalMode);
  const mode = proxy.whoElse === null ? (MODES.find((m) => m === proxy.mode) ?? 'iptables') : 'iptables';
  return {
    mode,
    ...(proxy.clusterCidrs === null ? {} : { clusterCIDR: [...proxy.clusterCidrs] }),
    ...(detectLocalMode === undefined ? {} : { detectLocalMode }),
    ...(proxy.bridgeInterface === null ? {} : { bridgeInterface: proxy.bridgeInterface }),
    ...(proxy.interfaceNamePrefix === null ? {} : { interfaceNamePrefix: proxy.interfaceNamePrefix }),
    ...(proxy.nodePortAddresses.includes('primary')
      ? { nodePortAddresses: ['primary' as const] }
      : addresses.length === 0
        ? {}
        : { nodePortAddresses: [...addresses] }),
    masqueradeAll: proxy.masqueradeAll ?? undefined,
    masqueradeBit: proxy.masqueradeBit ?? undefined,
    ...(mode === 'iptables' && proxy.localhostNodePorts !== null ? { localhostNodePorts: proxy.localhostNodePorts } : {}),
    ...(mode === 'ipvs' && proxy.strictArp !== null ? { strictARP: proxy.strictArp } : {}),
  };
}

const guessedScheduler = ({ mode, scheduler }: Inference['kubeProxy']): Told['proxyGuess'] =>
  mode !== 'ipvs' || scheduler === null || scheduler === 'rr'
    ? null
    : { name: `scheduler ${scheduler}`, what: `IPVS has the scheduler ${scheduler}, which is modelled as rr`, command: 'ipvsadm -Ln' };

/** What does services: by a model of its own where there is one, else by what all of them have in common. */
export function proxyGuessOf({ kubeProxy: proxy }: Inference): Told['proxyGuess'] {
  const real = proxy.whoElse ?? proxy.mode;
  const isModelled = MODES.some((m) => m === real && (m !== 'none' || proxy.whoElse === null));
  return isModelled ? guessedScheduler(proxy) : guessedProxy(real).guess;
}

type Network = Pick<TopologyInput, 'underlay' | 'internet'>;

/**
 * The network that the nodes are on. No object tells of routers: one is taken to be between segments, and a gateway to the internet on the
 * first, each with an address that no node has.
 */
export function network({ segments, nodeMtu }: Inference, nodes: readonly NodeInput[]): Network {
  const taken = new Set(nodes.flatMap((n) => n.ips ?? []));
  const [first] = segments;
  const mtu = nodeMtu === null ? {} : { mtu: nodeMtu };
  if (first === undefined) return { underlay: mtu, ...onOneSwitch(nodes, taken) };
  const gateway = first.prefixes.map((p) => free(p, taken));
  const underlay = { ...mtu, segments: segments.map(({ name, prefixes }) => ({ name, cidrs: [...prefixes] })) };
  const internet = { gateway: { ips: gateway } };
  if (segments.length === 1) return { underlay, internet };
  const interfaces = segments.map(({ name, prefixes }) => ({ segment: name, ips: prefixes.map((p) => free(p, taken)) }));
  return { underlay: { ...underlay, routers: [{ name: 'router', interfaces }] }, internet };
}

/** What a Topology beside the objects says of that network, in the place of what they say; segments that flags state are in their place. */
export function underlayBeside(own: Network['underlay'], beside: Network['underlay'], areStated: boolean): Network['underlay'] {
  if (beside === undefined) return own;
  if (areStated) return { ...beside, ...own };
  return beside.segments === undefined ? { ...own, ...beside } : { mtu: own?.mtu, ...beside };
}

/** Nodes that were made are on one switch, as those of a Topology that says nothing of its network: their addresses' /24. */
function onOneSwitch(nodes: readonly NodeInput[], taken: Set<IpAddress>): Network {
  const lans = nodes.map(({ ips: [first] = [] }) => (first === undefined ? null : prefixOf(first, 24)));
  const [lan] = lans;
  const isOne = lan != null && familyOf(lan.address) === 'IPv4' && lans.every((l) => l?.address === lan.address);
  return isOne ? { internet: { gateway: { ip: free(lan, taken) } } } : {};
}

/** The first address of a range that nothing has; it is taken from then on. */
function free(prefix: Prefix, taken: Set<IpAddress>): IpAddress {
  let address = nextAddress(prefix.address);
  while (taken.has(address)) address = nextAddress(address);
  taken.add(address);
  return address;
}
