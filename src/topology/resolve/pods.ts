import type { Overrides } from '../../datapath/overrides.ts';
import { areOnSegments, type Cni, type PlannedPod } from '../../k8s/cni.ts';
import { prefixesIn } from '../../k8s/families.ts';
import type { Pod, PodIp } from '../../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../../net/address.ts';
import { formatPrefix, type Prefix } from '../../net/prefix.ts';
import { assumed, at, declared, inferred } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { PodInput, TopologyInput } from '../schema/topology.ts';
import { readContainers } from './containers.ts';
import type { Cursor } from './cursor.ts';
import { NO_ENTRIES } from './derived-machine.ts';
import { readPodNames } from './dns-names.ts';
import { oneOrSeveral } from './families.ts';
import { labelInterner } from './labels.ts';
import { linksByDevice, type NodePlan, plannedRoutes } from './node-plan.ts';
import { hasOverrides, NO_OVERRIDES, readOverrides } from './overrides.ts';
import { type Allocate, allocator, checkAddress } from './pod-addresses.ts';
import type { UnderlayPlan } from './underlay-plan.ts';
import { readVolumes } from './volumes.ts';

/** The network between the nodes, as far as pods have addresses of it. */
type Links = Pick<UnderlayPlan, 'segmentOf' | 'prefixOn'>;

/** The things that a pod's input refers to. */
interface PodReferences {
  readonly families: readonly IpFamily[];
  readonly cni: Cni;
  readonly nodes: ReadonlyMap<string, NodePlan>;
  readonly allocate: Allocate;
  readonly underlay: Links;
  readonly labels: ReturnType<typeof labelInterner>;
  readonly veths: VethNames;
}

/** The pods, each with its addresses and the name of its veth's host end. One on an unknown node is reported; what else it states is read. */
export function readPods(
  root: Cursor,
  input: TopologyInput,
  families: readonly IpFamily[],
  cni: Cni,
  plans: readonly NodePlan[],
  underlay: Links,
): readonly Pod[] {
  const references: PodReferences = {
    families,
    cni,
    nodes: new Map(plans.map((p) => [p.name, p])),
    allocate: allocator(input, cni),
    underlay,
    labels: labelInterner(),
    veths: vethNames(),
  };
  return (input.pods ?? []).flatMap((pod, i) => {
    const here = root.at('pods', i).of(`Pod/${pod.namespace ?? 'default'}/${pod.name}`);
    if (pod.node === undefined) return [readPod(here, pod, { ips: [], veth: '', overrides: NO_OVERRIDES }, references)];
    const node = references.nodes.get(pod.node);
    if (node === undefined) {
      const names = [...references.nodes.keys()];
      here
        .at('node')
        .error('unknown-node', `there is no node ${pod.node}`, didYouMean(pod.node, names) ?? `nodes: ${names.slice(0, 10).join(', ')}`);
      return [readPod(here, pod, { ips: statedAddresses(here, pod, families), veth: '', overrides: NO_OVERRIDES }, references)];
    }
    if (pod.hostNetwork === true) {
      const ips = hostAddresses(here, pod, node, families);
      return [readPod(here, pod, { ips, veth: '', overrides: NO_OVERRIDES }, references)];
    }
    const veth = references.veths(here, pod, node);
    checkNic(here, pod, node);
    const ips = podAddresses(here, pod, node, references);
    if (ips === null) return [];
    const planned = { namespace: pod.namespace ?? 'default', name: pod.name, veth, ips };
    const overrides = hasOverrides(pod) ? readPodOverrides(here, pod, node, planned) : NO_OVERRIDES;
    return [readPod(here, pod, { ips, veth, overrides }, references)];
  });
}

const statedAddresses = (here: Cursor, pod: PodInput, families: readonly IpFamily[]): readonly PodIp[] =>
  oneOrSeveral(here, 'ip', pod.ip, pod.ips, families).map(({ value, cursor }) => ({ address: value, origin: declared(cursor.locus) }));

/** A pod with `ips` has these and no others; one without has an address of each family, stated or not. Null, and reported: a range is full. */
function podAddresses(here: Cursor, pod: PodInput, node: NodePlan, references: PodReferences): readonly PodIp[] | null {
  const { families, cni, allocate } = references;
  const given = oneOrSeveral(here, 'ip', pod.ip, pod.ips, families);
  const ranges = areOnSegments(cni) ? linksOf(pod, node, references.underlay) : node.podCidrs;
  if (pod.seen === undefined) for (const { value, cursor } of given) checkAddress(cursor, value, node, cni, ranges);
  const found: PodIp[] = [];
  for (const family of families) {
    const own = given.find((g) => familyOf(g.value) === family);
    if (own !== undefined) found.push({ address: own.value, origin: declared(own.cursor.locus) });
    const inFamily = prefixesIn(ranges, family);
    const [range] = inFamily;
    if (own !== undefined || pod.ips !== undefined || range === undefined) continue;
    const address = inFamily.reduce<IpAddress | null>((free, r) => free ?? allocate(r), null);
    if (address === null) {
      here
        .at('name')
        .error('range-exhausted', `the pod range ${inFamily.map(formatPrefix).join(', ')} of ${node.name} has no free address left`);
      return null;
    }
    found.push({ address, origin: pod.seen === undefined ? inferred(here.locus) : assumed(here.locus) });
  }
  if (found.length === 0 && pod.ips === undefined)
    here
      .at('ip')
      .error(
        'missing-field',
        'this field is missing',
        `${node.name} has no ${node.cni.blocks === undefined ? 'podCIDR' : 'blocks'} that an address could be taken from`,
      );
  return found;
}

/** The links of the NIC that has a pod's addresses. */
function linksOf({ nic = 'eth0' }: PodInput, { ips, input }: NodePlan, { segmentOf, prefixOn }: Links): readonly Prefix[] {
  const own = nic === 'eth0' ? ips.map((p) => p.value) : (input.nics ?? []).flatMap((n) => (n.dev === nic ? [n.ip] : []));
  return own.flatMap((a) => {
    const segment = segmentOf(a);
    return segment === null ? [] : [prefixOn(segment, a)];
  });
}

/** A pod on the host's network has its node's addresses, and states nothing of a network that is its node's. */
function hostAddresses(here: Cursor, pod: PodInput, node: NodePlan, families: readonly IpFamily[]): readonly PodIp[] {
  const given = oneOrSeveral(here, 'ip', pod.ip, pod.ips, families);
  if (pod.seen !== undefined && given.length > 0)
    return given.map(({ value, cursor }) => ({ address: value, origin: declared(cursor.locus) }));
  const own = (family: IpFamily) => node.ips.find((n) => familyOf(n.value) === family)?.value ?? null;
  for (const { value, cursor } of given) {
    const right = own(familyOf(value));
    if (right !== null && value !== right)
      cursor.error(
        'bad-value',
        `a hostNetwork pod has its node's address, ${formatAddress(right)}, not ${formatAddress(value)}`,
        'leave ip out',
      );
  }
  for (const field of ['veth', 'nic', 'sysctls', 'routes', 'rules', 'devices', 'addresses', 'neighbours'] as const)
    if (pod[field] !== undefined)
      here
        .at(field)
        .error(
          'bad-value',
          `a hostNetwork pod has no ${field} of its own`,
          field === 'veth' || field === 'nic' ? 'leave it out' : `state them for ${node.name}`,
        );
  return families.flatMap((family) => {
    const address = own(family);
    const stated = given.find((g) => familyOf(g.value) === family);
    if (address === null || (pod.ips !== undefined && stated === undefined)) return [];
    return [{ address, origin: stated === undefined ? inferred(here.locus) : declared(stated.cursor.locus) }];
  });
}

const nicsOf = ({ input }: NodePlan): readonly string[] => (input.nics ?? []).map((n) => n.dev);

type VethNames = (here: Cursor, pod: PodInput, node: NodePlan) => string;

/** The host ends of the pods' veth pairs: as they are stated, else as the plugin names them. Two of one name on a node are reported. */
function vethNames(): VethNames {
  const counts = new Map<string, number>();
  const taken = new Map<string, { readonly pod: PodInput; readonly here: Cursor }>();
  const fixed = new Map<string, readonly string[]>();
  return (here, pod, node) => {
    const nth = counts.get(node.name) ?? 0;
    counts.set(node.name, nth + 1);
    const veth = pod.veth ?? node.cni.hostEnd({ namespace: pod.namespace ?? 'default', name: pod.name }, nth);
    const at = here.at(pod.veth === undefined ? 'name' : 'veth');
    const others = fixed.get(node.name) ?? ['lo', 'eth0', ...nicsOf(node), ...node.cni.devices(node, []).map((d) => d.name)];
    fixed.set(node.name, others);
    if (others.includes(veth)) at.error('duplicate-device', `${pod.node} has a device ${veth} already`);
    const key = `${pod.node} ${veth}`;
    const earlier = taken.get(key);
    if (earlier === undefined) taken.set(key, { pod, here });
    else at.error('duplicate-device', `${pod.node} has the device ${veth} for pod ${earlier.pod.name} already (${earlier.here.place})`);
    return veth;
  };
}

function checkNic(here: Cursor, { nic }: PodInput, node: NodePlan): void {
  if (nic === undefined) return;
  const at = here.at('nic');
  if (node.cni.nicTables === undefined) {
    at.error('bad-value', `with ${node.cni.name} a pod's address is not one of a NIC`, 'leave it out; aws-vpc-cni asks for it');
    return;
  }
  const nics = ['eth0', ...nicsOf(node)];
  if (!nics.includes(nic))
    at.error('unknown-device', `${node.name} has no NIC ${nic}`, didYouMean(nic, nics) ?? `it has ${nics.join(', ')}`);
}

type Placement = Pick<Pod, 'ips' | 'veth' | 'overrides'>;

function readPod(here: Cursor, pod: PodInput, placement: Placement, references: PodReferences): Pod {
  const volumes = readVolumes(here.at('volumes'), pod.volumes ?? []);
  const { locus } = here;
  if (pod.shareProcessNamespace === true && pod.hostPID === true)
    here
      .at('shareProcessNamespace')
      .error(
        'bad-value',
        `the processes of this pod are in its node's namespace already (hostPID, ${here.at('hostPID').place}): the API server refuses both`,
        'leave one of the two out',
      );
  return {
    namespace: pod.namespace ?? 'default',
    name: pod.name,
    node: pod.node ?? null,
    phase: pod.seen?.phase ?? 'Running',
    halted: pod.seen?.halted ?? null,
    owner: pod.seen?.owner ?? null,
    ...placement,
    nic: pod.nic ?? 'eth0',
    labels: references.labels(pod.labels),
    ready: { value: pod.ready ?? true, locus: pod.ready === undefined ? locus : at(locus, 'ready') },
    terminating: pod.terminating ?? false,
    hostNetwork: pod.hostNetwork ?? false,
    hostIpc: pod.hostIPC ?? false,
    hostPid: pod.hostPID ?? false,
    shareProcessNamespace: pod.shareProcessNamespace ?? false,
    volumes,
    containers: readContainers(here.at('containers'), pod, volumes),
    // An object's containerPort is information, and no list of sockets.
    socketsUnknown: pod.containers === undefined || (pod.seen !== undefined && pod.seen.socketsStated !== true),
    names: readPodNames(here, pod),
    locus,
  };
}

function readPodOverrides(here: Cursor, pod: PodInput, node: NodePlan, planned: PlannedPod): Overrides {
  const devices = node.cni.podDevices(node, planned);
  return readOverrides(pod, {
    cursor: here,
    devices: new Map<string, readonly Prefix[]>([['lo', []], ...linksByDevice(devices)]),
    derived: plannedRoutes(devices),
    rules: [],
    own: planned.ips.map((i) => i.address),
    ports: new Set(),
    ...NO_ENTRIES,
  });
}
