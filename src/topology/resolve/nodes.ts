import type { CniConfig, Node } from '../../k8s/cluster.ts';
import type { Pod } from '../../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback, isUnicast, nextAddress } from '../../net/address.ts';
import { DEFAULT_PREFIX, formatPrefix, lastAddress, type Prefix } from '../../net/prefix.ts';
import { declared, inferred, type Path } from '../../source/origin.ts';
import type { TopologyForm } from '../schema/topology.ts';
import { type DerivedMachine, readOverrides } from './overrides.ts';
import { RESERVED_ADDRESS } from './pods.ts';
import type { Report } from './report.ts';
import type { UnderlayPlan } from './underlay.ts';

/** The nodes, each on its segment and with what is stated of it. */
export function readNodes(
  report: Report,
  form: TopologyForm,
  cni: CniConfig,
  underlay: UnderlayPlan,
  pods: ReadonlyMap<string, readonly Pod[]>,
): readonly Node[] {
  const podRanges = form.nodes.map((n) => n.podCIDR);
  return form.nodes.map((node, i) => {
    const path = ['nodes', i];
    const object = `Node/${node.name}`;
    const locus = report.locus(path, object);
    const segment = underlay.segmentOf(node.ip);
    if (segment === null)
      report.error(
        [...path, 'ip'],
        'address-outside',
        'no segment of the underlay holds this address',
        `segments: ${[...underlay.segments.keys()].join(', ')}`,
      );
    else checkOwnAddress(report, node.ip, underlay.prefixOn(segment, node.ip), [...path, 'ip']);
    const ports = node.ports ?? (pods.get(node.name) ?? []).map((p) => p.veth);
    const devices = new Map<string, readonly Prefix[]>([
      ['lo', []],
      ['eth0', segment === null ? [] : [underlay.prefixOn(segment, node.ip)]],
      [cni.bridge, [node.podCIDR]],
      ...ports.map((port): [string, readonly Prefix[]] => [port, []]),
    ]);
    const links = [node.podCIDR, ...(segment === null ? [] : [underlay.prefixOn(segment, node.ip)]), ...underlay.furtherFrom(segment)];
    const derived =
      node.routes === undefined
        ? []
        : [...links, ...podRanges, ...(form.internet === undefined ? [] : [DEFAULT_PREFIX[familyOf(node.podCIDR.address)]])];
    const machine: DerivedMachine = {
      object,
      path,
      devices,
      derived,
      own: [node.ip, nextAddress(node.podCIDR.address)],
      ports: new Set(ports),
    };
    const proxyLocus = report.locus([...path, 'kubeProxy', 'running'], object);
    const running = node.kubeProxy?.running;
    return {
      name: node.name,
      ip: node.ip,
      podCidr: node.podCIDR,
      segment: segment ?? '',
      labels: new Map(Object.entries(node.labels)),
      kubeProxy: { running: running ?? true, origin: running === undefined ? inferred(locus) : declared(proxyLocus) },
      overrides: readOverrides(report, node, machine),
      locus,
    };
  });
}

/** What nobody else could send to, or the kernel would not take as a next hop. */
function checkOwnAddress(report: Report, ip: IpAddress, link: Prefix, path: Path): void {
  const text = formatAddress(ip);
  if (isLoopback(ip) || !isUnicast(ip))
    report.error(
      path,
      'bad-value',
      `${text} is ${isLoopback(ip) ? 'a loopback address' : 'no unicast address'}, and no machine is reached by it`,
    );
  else if (ip === link.address || (familyOf(ip) === 'IPv4' && ip === lastAddress(link)))
    report.error(
      path,
      'bad-value',
      `${text} is the ${RESERVED_ADDRESS[familyOf(ip)]} address of ${formatPrefix(link)}`,
      'if the link is larger, state it: underlay.segments',
    );
}
