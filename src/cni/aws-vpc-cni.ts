import * as z from 'zod';
import { addRoute, onLink, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE, type RoutingRule } from '../datapath/fib.ts';
import type { Cni, Host, PlannedNode, PlannedPod } from '../k8s/cni.ts';
import { inFamily } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, type Prefix } from '../net/prefix.ts';
import { mtu, oneOf, prefix } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { PRIMARY_MARK, RANDOM_PORTS, writeAwsRules } from './aws-rules.ts';
import { noRoutes, ON_NICS } from './fabric.ts';
import { hashedHostEnd } from './host-end.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addRouted, plannedRouted, withOwnRanges } from './routed-pods.ts';

/** With the digits of the hash no device's name is too long; the others are names that nodes have. */
const vethPrefix = z.string().regex(/^(?!eth|vlan|lo$)[a-z][a-z0-9]{0,3}$/, {
  error: 'expected 1 to 4 letters and digits that no other device begins with (eth, vlan, lo), as eni',
});

/**
 * Amazon's plugin: a pod has an address of one of its node's NICs (ENIs), and what it sends leaves by that one, which has a routing table of
 * its own. What goes out of the VPC leaves by the primary one, in its name, and so does what came in by it. IPv4 only.
 * Source: aws/amazon-vpc-cni-k8s, cmd/routed-eni-cni-plugin and pkg/networkutils.
 */
export const awsVpcCni = plugin({
  withoutRanges: true,
  config: strict(() => ({
    plugin: field(z.literal('aws-vpc-cni'), 'The CNI plugin that connects the pods.'),
    vpcCIDRs: field(z.array(prefix).optional(), 'The ranges of the VPC, to which pods keep their addresses; left out, the segments.'),
    excludeSNATCIDRs: field(z.array(prefix).optional(), 'Ranges outside of the VPC to which pods keep their addresses.'),
    externalSNAT: field(z.boolean().optional(), 'Does something else than the nodes translate what leaves the VPC?'),
    randomizeSNAT: field(oneOf([...RANDOM_PORTS]).optional(), 'How the port of what a node translates is chosen.'),
    vethPrefix: field(vethPrefix.optional(), "How the names of the pods' host ends begin."),
    mtu: field(mtu().optional(), "MTU of the pods' devices, in bytes; left out, that of the nodes' NICs."),
  })),
  mode: () => 'fabric',
  configure: ({ mtu: stated, ...config }, origin, setting) => configured({ ...config, mtu: stated ?? withinNic(setting) }, origin),
});

interface AwsConfig {
  readonly vpcCIDRs?: readonly Prefix[] | undefined;
  readonly excludeSNATCIDRs?: readonly Prefix[] | undefined;
  readonly externalSNAT?: boolean | undefined;
  readonly randomizeSNAT?: (typeof RANDOM_PORTS)[number] | undefined;
  readonly vethPrefix?: string | undefined;
  readonly mtu: number;
}

const FIRST_TABLE = 2;

function configured(config: AwsConfig, origin: Origin): Cni {
  const { vethPrefix: begins = 'eni', mtu } = config;
  return {
    plugin: 'aws-vpc-cni',
    name: 'aws-vpc-cni',
    origin,
    mtu,
    guess: null,
    fabric: ON_NICS,
    ranges: false,
    ipv4Only: true,
    nicTables: FIRST_TABLE,
    masquerades: { by: 'plugin', off: { externalSNAT: true } },
    hostEnd: (pod) => hashedHostEnd(begins, pod),
    ...plannedRouted,
    rules: (node, pods) => rulesOf(node, pods, inferred(origin.locus)),
    betweenNodes: noRoutes,
    program: (host) => program(host, config, begins, inferred(origin.locus)),
  };
}

/** To a pod always by its host end; from one of a further NIC by that NIC, unless its connection has the mark of the primary one. */
function rulesOf({ nics = [] }: PlannedNode, pods: readonly PlannedPod[], origin: Origin): readonly RoutingRule[] {
  const rule = (priority: number, table: number, more: Partial<RoutingRule>): RoutingRule => ({
    priority,
    from: null,
    to: null,
    iif: null,
    mark: null,
    table,
    origin,
    ...more,
  });
  const tables = new Map(nics.map((n) => [n.device, n.table ?? MAIN_TABLE]));
  const own = pods.flatMap(({ ips, nic = 'eth0' }) => ips.map(({ address }) => ({ prefix: hostPrefix(address), table: tables.get(nic) })));
  return [
    ...own.map(({ prefix }) => rule(512, MAIN_TABLE, { to: prefix })),
    rule(1024, MAIN_TABLE, { mark: PRIMARY_MARK }),
    ...own.flatMap(({ prefix, table }) => (table === undefined ? [] : [rule(1536, table, { from: prefix })])),
    ...nics.flatMap(({ address, table }) => (table === null ? [] : [rule(32765, table, { from: hostPrefix(address) })])),
  ];
}

function program(host: Host, config: AwsConfig, begins: string, origin: Origin): void {
  const { builder, nics, pods, segments } = host;
  for (const pod of pods) addRouted(host, pod, config.mtu);
  for (const { device, table, router, origin: stated } of nics) {
    if (table === null || router === null) continue;
    const link = hostPrefix(router);
    addRoute(builder, table, { prefix: link, type: 'unicast', metric: 0, nextHops: [onLink(device)], source: null, origin: stated });
    addRoute(builder, table, routeVia(DEFAULT_PREFIX.IPv4, router, device, stated));
  }
  // An answer may have to leave by another NIC than what it answers came in by, for all that rp_filter knows.
  builder.sysctls.set('net.ipv4.conf.eth0.rp_filter', { value: 2, origin });
  const primary = inFamily(host.addresses, 'IPv4');
  const { vpcCIDRs = segments, excludeSNATCIDRs = [], externalSNAT = false, randomizeSNAT = 'prng' } = config;
  const kept = externalSNAT ? null : [...vpcCIDRs, ...excludeSNATCIDRs];
  if (primary !== null) writeAwsRules(host, { primary, kept, randomPorts: randomizeSNAT, vethPrefix: begins }, origin);
  mapPorts(withOwnRanges(host), 'aws-cni', (pod) => pod.vethName);
}
