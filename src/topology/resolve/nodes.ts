import type { PlannedPod } from '../../k8s/cni.ts';
import { nicAddresses, prefixesIn } from '../../k8s/families.ts';
import type { Node, ProxyModeName } from '../../k8s/node.ts';
import { familyOf, type IpFamily } from '../../net/address.ts';
import { DEFAULT_PREFIX, type Prefix } from '../../net/prefix.ts';
import { declared, inferred } from '../../source/origin.ts';
import { lentTo, withRanges } from './blocks.ts';
import type { DerivedMachine } from './derived-machine.ts';
import { readHostFirewall } from './firewall.ts';
import { labelsOf } from './labels.ts';
import { readFdb } from './link-entries.ts';
import { readNics } from './nics.ts';
import { linksByDevice, type NodePlan, plannedRoutes } from './node-plan.ts';
import { hasOverrides, NO_OVERRIDES, readOverrides } from './overrides.ts';
import { checkOwnAddress } from './own-address.ts';
import { checkTunnel, tunnelEnds } from './tunnels.ts';
import type { UnderlayPlan } from './underlay-plan.ts';

/** The nodes, each on its segment and with what the input states of it. */
export function readNodes(
  bare: readonly NodePlan[],
  underlay: UnderlayPlan,
  podsByNode: ReadonlyMap<string, readonly PlannedPod[]>,
  proxyMode: ProxyModeName,
  families: readonly IpFamily[],
): readonly Node[] {
  const plans = withRanges(bare, podsByNode);
  const ends = tunnelEnds(plans);
  const gatewayFamilies = (underlay.gateway?.ips ?? []).map(familyOf);
  return plans.map((plan) => {
    const { input, cursor, name, cni } = plan;
    const segment = segmentOf(plan, underlay);
    const running = input.kubeProxy?.running;
    const node: Omit<Node, 'overrides'> = {
      name,
      addresses: plan.addresses,
      podCidrs: plan.podCidrs,
      rangesAt: plan.rangesAt,
      tunnel: plan.tunnel,
      segment: segment ?? '',
      nics: readNics(plan, underlay),
      labels: labelsOf(input.labels),
      kubeProxy: {
        running: running ?? true,
        mode: input.kubeProxy?.mode ?? proxyMode,
        origin: running === undefined ? inferred(cursor.locus) : declared(cursor.at('kubeProxy', 'running').locus),
      },
      down: input.down === true,
      found: null,
      firewall: readHostFirewall(cursor.at('firewall'), input, families),
      locus: cursor.locus,
    };
    if (!hasOverrides(input) && input.fdb === undefined && input.tunnel === undefined) return { ...node, overrides: NO_OVERRIDES };
    const ownLinks = segment === null ? [] : plan.ips.map((p) => underlay.prefixOn(segment, p.value));
    const devices = cni.devices(node, podsByNode.get(name) ?? []);
    const nicLinks = node.nics.map((n) => [n, underlay.prefixOn(n.segment, n.address)] as const);
    checkTunnel(plan, devices);
    const derived = () => [
      ...plannedRoutes(devices),
      ...ownLinks,
      ...nicLinks.flatMap(([nic, link]) => (nic.table === null ? [link] : [])),
      ...underlay.furtherFrom(segment),
      ...(cni.blocks === undefined ? [] : node.podCidrs),
      ...plans.flatMap((p) => (p === plan ? [] : [...p.podCidrs, ...lentTo(p, podsByNode)])),
      ...plan.ips.flatMap((p) => (gatewayFamilies.includes(familyOf(p.value)) ? [DEFAULT_PREFIX[familyOf(p.value)]] : [])),
    ];
    const machine: DerivedMachine = {
      cursor,
      devices: new Map<string, readonly Prefix[]>([
        ['lo', []],
        ['eth0', ownLinks],
        ...nicLinks.map(([nic, link]) => [nic.device, [link]] as const),
        ...linksByDevice(devices),
      ]),
      derived: input.routes === undefined ? [] : derived(),
      rules: cni.rules?.(node, podsByNode.get(name) ?? []) ?? [],
      own: [...nicAddresses(node), ...devices.flatMap((d) => d.addresses.map((a) => a.address))],
      ports: new Set(devices.flatMap((d) => (d.port === null ? [] : [d.name]))),
      vxlan: new Set(devices.flatMap((d) => (d.vtep === undefined ? [] : [d.name]))),
      entries: (device) => ends.of(device).flatMap((e) => (e.name === name ? [] : [e.address])),
    };
    const overrides = readOverrides(input, machine);
    return { ...node, overrides: { ...overrides, fdb: readFdb(input.fdb ?? [], machine, name, ends, cursor.at('fdb')) } };
  });
}

/** Null, and reported: no segment holds an address of the node. */
function segmentOf({ ips }: NodePlan, underlay: UnderlayPlan): string | null {
  let found: string | null = null;
  for (const { value: ip, cursor } of ips) {
    const segment = underlay.segmentOf(ip);
    if (segment === null) {
      const names = [...underlay.segments.values()].filter((s) => prefixesIn(s.prefixes, familyOf(ip)).length > 0).map((s) => s.name);
      cursor.error('address-outside', 'no segment of the underlay holds this address', `segments: ${names.join(', ')}`);
      continue;
    }
    checkOwnAddress(ip, underlay.prefixOn(segment, ip), cursor);
    found ??= segment;
  }
  return found;
}
