import { type Cluster, NO_STAND_INS, NODE_PORTS } from '../../k8s/cluster.ts';
import type { Cni } from '../../k8s/cni.ts';
import type { Guess } from '../../k8s/guess.ts';
import type { Idle } from '../../k8s/idle.ts';
import { isThere, key, type Pod } from '../../k8s/pod.ts';
import { type Enforcement, enforcerOfPlugin } from '../../k8s/policy/enforcement.ts';
import type { IpFamily } from '../../net/address.ts';
import { type Diagnostic, inOrder, type Result } from '../../source/diagnostic.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { checkAddressPlan } from './address-plan.ts';
import { checkDeviceNames, checkPlugin, readCni, type ToldCni } from './cni.ts';
import type { Cursor } from './cursor.ts';
import { checkSubdomains, readClusterNaming } from './dns-names.ts';
import { readExpectations } from './expectations.ts';
import { oneOrSeveral } from './families.ts';
import { checkFamilies, checkServiceFamilies } from './families-check.ts';
import { checkHostPorts } from './host-ports.ts';
import { readHttp, readNamespaces } from './http.ts';
import { readKubeProxy } from './kube-proxy.ts';
import { readMasquerade } from './masquerade.ts';
import { checkMtus } from './mtu.ts';
import { checkNames } from './names.ts';
import { readNetworkPolicies } from './network-policies.ts';
import { planNodes } from './node-plan.ts';
import { checkNodePortRange } from './node-ports.ts';
import { readNodes } from './nodes.ts';
import { readPods } from './pods.ts';
import { noteHidden } from './policy-values.ts';
import { readServices } from './services.ts';
import { reportSharedAddresses, reportSharedClusterIps } from './shared-addresses.ts';
import { checkSockets } from './sockets.ts';
import { checkTunnelEnds } from './tunnels.ts';
import { readUnderlay } from './underlay.ts';

/** An input in a Topology's words, and where it stands. */
export interface Input {
  readonly input: TopologyInput;
  readonly root: Cursor;
  readonly families: readonly IpFamily[];
  /** From objects of a running cluster: what only a plan would get wrong is not looked for. */
  readonly lax: boolean;
  /** From objects of a running cluster, of which the input may have some kinds or namespaces only. */
  readonly isPart: boolean;
  /** A namespace that is not there has no labels. */
  readonly areNamespacesStated: boolean;
  /** What objects say, where a Topology does not. */
  readonly told?: Told;
  /** Workloads of objects that are scaled down to nothing. */
  readonly idle?: readonly Idle[];
}

export interface Told {
  /** Null: nothing; the Topology's own is taken. */
  readonly cni: ToldCni | null;
  /** Null: nothing; it is what the plugin does by itself. */
  readonly enforcer: Enforcement | null;
  /** What does services in the place of the mode that is compiled. */
  readonly proxyGuess: Guess | null;
}

/** The third stage: names into things. Everything that a name or an address refers to is checked here; all errors are reported in `found`. */
export function resolve(given: Input, found: Diagnostic[]): Result<Cluster> {
  const { root, input, families, lax } = given;
  if (!lax) checkFamilies(root, input, families);
  const isReadable = !found.some((d) => d.severity === 'error');
  if (!lax) checkServiceFamilies(root, input, families);
  if (!isReadable) return { ok: false, diagnostics: inOrder(found) };
  const value = readCluster(given, found);
  const diagnostics = inOrder(found);
  return found.some((d) => d.severity === 'error') ? { ok: false, diagnostics } : { ok: true, value, warnings: diagnostics };
}

function readCluster({ root, input, families, lax, isPart, areNamespacesStated, told, idle = [] }: Input, found: Diagnostic[]): Cluster {
  if (!lax) {
    checkNames(root, input);
    checkMtus(root, input, families);
    checkNodePortRange(root, input);
  }
  const here = root.at('cluster');
  const { podCIDR, podCIDRs, serviceCIDR, serviceCIDRs } = input.cluster;
  const podCidrs = oneOrSeveral(here, 'podCIDR', podCIDR, podCIDRs, families).map((p) => p.value);
  const { cni, cniOf } = readCni(here.at('cni'), input, told?.cni ?? null, { families, podCidrs });
  const plans = planNodes(root, input, families, cniOf);
  checkDeviceNames(here.at('cni'), plans);
  if (!lax) checkPlugin(here.at('cni'), cni, families, plans);
  const underlay = readUnderlay(root, input, families, plans);
  const pods = readPods(root, input, families, cni, plans, underlay);
  const there = pods.filter(isThere);
  const podsByNode = byNode(there.filter((p) => !p.hostNetwork));
  if (lax) reportSharedAddresses([...podsByNode.values()].flat(), found);
  if (!lax) {
    checkHostPorts(root, pods);
    checkSockets(root, pods);
  }
  const stated = readKubeProxy(here.at('kubeProxy'), input, podCidrs);
  // Who takes its place does what it would, packet by packet.
  const kubeProxy = cni.replacesProxy === true ? { ...stated, mode: 'iptables' as const } : stated;
  const nodes = readNodes(plans, underlay, podsByNode, kubeProxy.mode, families);
  const services = readServices(root, input, families, { pods: there, nodes, idle });
  if (lax) reportSharedClusterIps(services, found);
  // Pools that are wrong say nothing of the blocks that nodes lack.
  if (!lax && !found.some((d) => d.severity === 'error')) checkTunnelEnds(plans, nodes);
  if (!lax) checkAddressPlan({ root, input, families, nodes: plans, cni });
  checkSubdomains(root, input, isPart);
  const byKey = new Map(services.map((s) => [key(s), s]));
  const policies = readNetworkPolicies(root, input);
  noteHidden(policies, found);
  return {
    families,
    podCidrs,
    serviceCidrs: oneOrSeveral(here, 'serviceCIDR', serviceCIDR, serviceCIDRs, families).map((p) => p.value),
    nodePortRange: input.cluster.serviceNodePortRange ?? NODE_PORTS,
    locus: here.locus,
    cni,
    cniByNode: new Map(plans.flatMap((p) => (p.cni === cni ? [] : [[p.name, p.cni] as const]))),
    masquerade: readMasquerade(here, input, families, cni, lax),
    kubeProxy: { ...kubeProxy, guess: told?.proxyGuess ?? null },
    socketLb: readSocketLb(here.at('socketLB'), input, cni),
    namespaces: readNamespaces(root, input),
    areNamespacesComplete: areNamespacesStated,
    nodes: new Map(nodes.map((n) => [n.name, n])),
    pods: new Map(pods.map((p) => [key(p), p])),
    podsByNode,
    hostPodsByNode: byNode(there.filter((p) => p.hostNetwork)),
    services: byKey,
    http: readHttp(root, input, byKey),
    underlay: {
      mtu: underlay.mtu,
      sourceCheck: underlay.sourceCheck,
      segments: underlay.segments,
      routers: underlay.routers,
      firewall: underlay.firewall,
    },
    gateway: underlay.gateway,
    outside: underlay.outside,
    ...readClusterNaming(root, input, families, services),
    expectations: readExpectations(root, input.expect ?? []),
    facts: [],
    idle,
    policies,
    foreignPolicies: [],
    enforcer: readEnforcer(here.at('networkPolicy'), input, cni, told?.enforcer ?? null),
    standIns: NO_STAND_INS,
    oneMachine: null,
    whatIf: [],
    passedOver: new Map(),
  };
}

function readEnforcer(here: Cursor, { cluster: { networkPolicy } }: TopologyInput, cni: Cni, told: Enforcement | null): Enforcement {
  if (networkPolicy === undefined) return told ?? { name: enforcerOfPlugin(cni.name), version: null, origin: inferred(cni.origin.locus) };
  const { enforcer, version = null } = typeof networkPolicy === 'object' ? networkPolicy : { enforcer: networkPolicy };
  return { name: enforcer, version, origin: declared(here.locus) };
}

/** Where the input says nothing, the CNI plugin knows. */
function readSocketLb(here: Cursor, { cluster: { socketLB: stated } }: TopologyInput, cni: Cni): Cluster['socketLb'] {
  if (!(stated?.enabled ?? cni.socketLb ?? false)) return null;
  return { hostNamespaceOnly: stated?.hostNamespaceOnly ?? false, origin: stated === undefined ? cni.origin : declared(here.locus) };
}

function byNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.node === null) continue;
    const group = groups.get(pod.node);
    if (group === undefined) groups.set(pod.node, [pod]);
    else group.push(pod);
  }
  return groups;
}
