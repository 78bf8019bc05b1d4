import type { CniConfig } from '../../k8s/cluster.ts';
import type { Pod } from '../../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, nextAddress } from '../../net/address.ts';
import { contains, DEFAULT_PREFIX, formatPrefix, lastAddress, type Prefix } from '../../net/prefix.ts';
import { declared, inferred, type Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { NodeForm, PodForm, TopologyForm } from '../schema/topology.ts';
import { readContainers } from './containers.ts';
import { readPodNames } from './dns-names.ts';
import { readOverrides } from './overrides.ts';
import type { Report } from './report.ts';
import { readVolumes } from './volumes.ts';

/** The pods, each with an address and the name of its veth's host end. A pod on an unknown node is reported and left out. */
export function readPods(report: Report, form: TopologyForm, cni: CniConfig): readonly Pod[] {
  const nodes = new Map(form.nodes.map((n) => [n.name, n]));
  const allocate = allocator(form);
  const counts = new Map<string, number>();
  const veths = new Map<string, number>();
  return form.pods.flatMap((pod, i) => {
    const node = nodes.get(pod.node);
    if (node === undefined) {
      const names = [...nodes.keys()];
      report.error(
        ['pods', i, 'node'],
        'unknown-node',
        `there is no node ${pod.node}`,
        didYouMean(pod.node, names) ?? `nodes: ${names.slice(0, 10).join(', ')}`,
      );
      return [];
    }
    if (pod.hostNetwork) {
      checkHostPod(report, pod, node, i);
      return [readPod(report, pod, i, { ip: node.ip, veth: '', node })];
    }
    const nth = counts.get(pod.node) ?? 0;
    counts.set(pod.node, nth + 1);
    const veth = pod.veth ?? `veth${nth}`;
    checkVeth(report, form, cni, veths, pod, veth, i);
    if (pod.ip !== undefined) checkAddress(report, pod, pod.ip, node, i);
    const ip = pod.ip ?? allocate(node);
    if (ip === null) {
      report.error(
        ['pods', i, 'name'],
        'range-exhausted',
        `the pod range ${formatPrefix(node.podCIDR)} of ${node.name} has no free address left`,
      );
      return [];
    }
    return [readPod(report, pod, i, { ip, veth, node })];
  });
}

/** What a pod cannot state of a network that is its node's. */
function checkHostPod(report: Report, pod: PodForm, node: NodeForm, index: number): void {
  const path: Path = ['pods', index];
  if (pod.ip !== undefined && pod.ip !== node.ip)
    report.error(
      [...path, 'ip'],
      'bad-value',
      `a hostNetwork pod has its node's address, ${formatAddress(node.ip)}, not ${formatAddress(pod.ip)}`,
      'leave ip out',
    );
  for (const field of ['veth', 'sysctls', 'routes', 'rules', 'devices', 'addresses', 'neighbours'] as const)
    if (pod[field] !== undefined)
      report.error(
        [...path, field],
        'bad-value',
        `a hostNetwork pod has no ${field} of its own`,
        field === 'veth' ? 'leave it out' : `state them for ${node.name}`,
      );
}

/** A node's next free address in file order, as host-local gives them: the first one is the bridge's. */
function allocator(form: TopologyForm): (node: NodeForm) => IpAddress | null {
  const stated = [...form.pods, ...form.nodes].flatMap((o) => (o.addresses ?? []).map((a) => a.ip));
  const taken = new Set<IpAddress>([...form.pods.flatMap((p) => p.ip ?? []), ...stated]);
  const next = new Map<string, IpAddress>();
  return (node) => {
    let candidate = next.get(node.name) ?? nextAddress(nextAddress(node.podCIDR.address));
    while (taken.has(candidate)) candidate = nextAddress(candidate);
    const last = lastAddress(node.podCIDR);
    // The last one is IPv4's broadcast address; IPv6 has none.
    if (familyOf(last) === 'IPv4' ? candidate >= last : candidate > last) return null;
    taken.add(candidate);
    next.set(node.name, nextAddress(candidate));
    return candidate;
  };
}

function checkVeth(
  report: Report,
  form: TopologyForm,
  cni: CniConfig,
  veths: Map<string, number>,
  pod: PodForm,
  veth: string,
  index: number,
): void {
  const path = ['pods', index, pod.veth === undefined ? 'name' : 'veth'];
  if (['lo', 'eth0', cni.bridge].includes(veth)) report.error(path, 'duplicate-device', `${pod.node} has a device ${veth} already`);
  const key = `${pod.node} ${veth}`;
  const earlier = veths.get(key);
  if (earlier === undefined) veths.set(key, index);
  else
    report.error(
      path,
      'duplicate-device',
      `${pod.node} has the device ${veth} for pod ${form.pods[earlier]?.name} already (${report.place(['pods', earlier])})`,
    );
}

export const RESERVED_ADDRESS = { IPv4: 'network or broadcast', IPv6: 'subnet-router anycast' } as const;

function checkAddress(report: Report, pod: PodForm, ip: IpAddress, node: NodeForm, index: number): void {
  const path = ['pods', index, 'ip'];
  const range = node.podCIDR;
  const text = formatAddress(ip);
  if (!contains(range, ip))
    report.error(path, 'address-outside', `${text} is outside ${formatPrefix(range)}, the pod range of ${pod.node}`);
  else if (ip === nextAddress(range.address)) report.error(path, 'duplicate-address', `${text} is the address of ${pod.node}'s bridge`);
  else if (ip === range.address || (familyOf(ip) === 'IPv4' && ip === lastAddress(range)))
    report.error(path, 'bad-value', `${text} is the ${RESERVED_ADDRESS[familyOf(ip)]} address of ${formatPrefix(range)}`);
}

interface Placement {
  readonly ip: IpAddress;
  readonly veth: string;
  readonly node: NodeForm;
}

function readPod(report: Report, pod: PodForm, index: number, { ip, veth, node }: Placement): Pod {
  const path = ['pods', index];
  const object = `Pod/${pod.namespace}/${pod.name}`;
  const locus = report.locus(path, object);
  const devices = new Map<string, readonly Prefix[]>([
    ['lo', []],
    ['eth0', [node.podCIDR]],
  ]);
  const volumes = readVolumes(report, pod.volumes, path, object);
  if (pod.shareProcessNamespace && pod.hostPID)
    report.error(
      [...path, 'shareProcessNamespace'],
      'bad-value',
      `the processes of this pod are in its node's namespace already (hostPID, ${report.place([...path, 'hostPID'])}): the API server refuses both`,
      'leave one of the two out',
    );
  return {
    namespace: pod.namespace,
    name: pod.name,
    node: pod.node,
    ip,
    ipOrigin: pod.ip === undefined ? inferred(locus) : declared(report.locus([...path, 'ip'], object)),
    labels: new Map(Object.entries(pod.labels)),
    ready: { value: pod.ready, locus: report.locus([...path, 'ready'], object) },
    terminating: pod.terminating,
    hostNetwork: pod.hostNetwork,
    hostIpc: pod.hostIPC,
    hostPid: pod.hostPID,
    shareProcessNamespace: pod.shareProcessNamespace,
    volumes,
    veth,
    containers: readContainers(report, pod, volumes, path, object),
    socketsUnknown: pod.containers === undefined,
    overrides: readOverrides(report, pod, {
      object,
      path,
      devices,
      derived: [node.podCIDR, DEFAULT_PREFIX[familyOf(node.podCIDR.address)]],
      own: [ip],
      ports: new Set(),
    }),
    names: readPodNames(report, pod, path, object),
    locus,
  };
}
