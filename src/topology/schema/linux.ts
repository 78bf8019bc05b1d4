import * as z from 'zod';
import { hostPrefix } from '../../net/prefix.ts';
import {
  address,
  deviceName,
  eitherOf,
  macAddress,
  mtu,
  ofOneFamily,
  oneOf,
  port,
  prefix,
  subdomain,
  vni,
  whole,
} from '../../source/fields.ts';
import { checked, field, hasItsType, MALFORMED, malformed, strict } from '../../source/objects.ts';
import { didYouMean } from '../../source/suggest.ts';

/** The parts of the topology file that are Linux's own words. */

const nextHop = strict(() => ({
  via: field(address, 'The neighbour to send to.'),
  dev: field(deviceName.optional(), 'Left out, the device whose prefix holds via.'),
  weight: field(whole(1, 256).optional(), 'Its share of the flows.'),
}));

const routeFields = strict(() => ({
  to: field(z.union([oneOf(['default']), prefix]), 'The destinations: a prefix or default.'),
  via: field(address.optional(), 'The next hop; left out, the destination is on the link.'),
  dev: field(deviceName.optional(), 'Left out, the device whose prefix holds via.'),
  type: field(oneOf(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw']).optional(), 'What happens to the packet.'),
  metric: field(whole(0, 4294967295).optional(), 'Of two routes with one prefix the lower metric wins; left out, 0, or 1024 for IPv6.'),
  src: field(address.optional(), 'The source address of what is sent from here.'),
  onlink: field(z.boolean().optional(), 'Take via to be on the link of dev, whatever the routes say; then dev is needed.'),
  table: field(whole(1, 252).optional(), 'A table of its own, for rules; left out, the main one.'),
  nexthops: field(z.array(nextHop).min(2, { error: 'state at least two next hops, or via' }).optional(), 'Several next hops: ECMP.'),
}));

/** What is taken to be on a link has to be on a certain one. */
export const routeSchema = checked(routeFields, ({ onlink, via, dev, nexthops }, wrong) => {
  if (onlink !== true || nexthops !== undefined) return;
  if (via === undefined) wrong('via');
  if (dev === undefined) wrong('dev');
});

export type RouteInput = z.output<typeof routeSchema>;

/** As `ip rule` takes them: an address alone is a prefix that holds nothing else. */
const selector = z.union([prefix, address.transform(hostPrefix)]);

const selectors = {
  priority: field(whole(1, 32765), 'Lower comes first.'),
  from: field(selector.optional(), 'Only packets from these sources.'),
  to: field(selector.optional(), 'Only packets to these destinations.'),
  iif: field(deviceName.optional(), 'Only packets that came in by this device; lo for those sent from here.'),
  fwmark: field(
    z
      .string()
      .regex(/^0x[0-9a-f]{1,8}(\/0x[0-9a-f]{1,8})?$/i, { error: 'expected a mark, as "0x80" or "0x80/0x80"' })
      .optional(),
    'Only packets with this mark.',
  ),
};

const TABLE = 'The table to look in; 254 is main.';
const ruleSchema = checked(
  strict(() => ({ ...selectors, table: field(whole(1, 254), TABLE) })),
  (value, wrong) => ofOneFamily(value, ['from', 'to'], wrong),
);
const removedRule = checked(
  strict(() => ({ ...selectors, table: field(whole(1, 254).optional(), TABLE) })),
  (value, wrong) => ofOneFamily(value, ['from', 'to'], wrong),
);

/** A list alone is of rules to add. */
const rulesSchema = z.union([
  z.array(ruleSchema),
  strict(() => ({
    add: field(z.array(ruleSchema).optional(), 'Rules beside the derived ones.'),
    remove: field(z.array(removedRule).optional(), 'Derived rules that are missing; what is left out here may be as it likes.'),
  })),
]);

export type RuleInput = z.output<typeof ruleSchema>;
export type RemovedRuleInput = z.output<typeof removedRule>;

const PER_DEVICE = new Map([
  ['forwarding', 1],
  ['rp_filter', 2],
  ['route_localnet', 1],
  ['proxy_arp', 1],
  ['src_valid_mark', 1],
  ['arp_ignore', 2],
  ['arp_announce', 2],
]);
const WHOLE = new Map([
  ['net.ipv4.ip_forward', 1],
  ['net.ipv6.conf.all.forwarding', 1],
  ['net.bridge.bridge-nf-call-iptables', 1],
  ['net.bridge.bridge-nf-call-ip6tables', 1],
]);
const CONF = /^net\.ipv4\.conf\.(.+)\.([a-z_]+)$/;

/** The device that a per-device sysctl is about; null for the others, and for `all` and `default`. */
export function sysctlDevice(name: string): string | null {
  const device = CONF.exec(name)?.[1] ?? null;
  return device === 'all' || device === 'default' ? null : device;
}

const FORWARDING6 = /^net\.ipv6\.conf\.(?!all\.).+\.forwarding$/;

/** Why a sysctl is none that could be stated, and what could. Source of the former: ip6_forward, net/ipv6/ip6_output.c. */
function unknownSysctl(name: string): string {
  if (FORWARDING6.test(name))
    return 'of one device this does not decide whether IPv6 is forwarded; state net.ipv6.conf.all.forwarding, which does';
  const known = [...WHOLE.keys(), ...[...PER_DEVICE.keys()].map((k) => `net.ipv4.conf.all.${k}`)];
  return `k8s-trace does not know this sysctl; ${didYouMean(name, known) ?? `it knows ${known.join(', ')} (those of net.ipv4.conf for one device, too)`}`;
}

function highest(name: string): number | undefined {
  return WHOLE.get(name) ?? PER_DEVICE.get(CONF.exec(name)?.[2] ?? '');
}

/** The sysctls that the walk asks for; any other would be accepted and change nothing, so it is refused. */
const sysctlsSchema = z.record(z.string(), z.number()).superRefine(
  (sysctls, context) => {
    const bad = malformed(context.issues);
    for (const [name, value] of Object.entries(sysctls)) {
      const most = highest(name);
      const issue = { code: 'custom' as const, input: value, path: [name] };
      if (most === undefined) context.addIssue({ ...issue, params: { key: true }, message: unknownSysctl(name) });
      else if (!bad.has(name) && (!Number.isInteger(value) || value < 0 || value > most))
        context.addIssue({ ...issue, message: `expected ${most === 1 ? '0 or 1' : '0, 1 or 2'}` });
    }
  },
  { when: hasItsType },
);

const neighbourFields = strict(() => ({
  ip: field(address, 'The neighbour.'),
  dev: field(deviceName, 'The device that it is behind.'),
  state: field(
    oneOf(['failed', 'absent', 'permanent']),
    "failed: ARP, or neighbour discovery, gets no answer. absent: the CNI plugin's entry is lost. permanent: it has lladdr, and nobody is asked.",
  ),
  lladdr: field(macAddress.optional(), 'With permanent: its MAC address.'),
}));

const fdbFields = strict(() => ({
  dev: field(deviceName, 'The VXLAN device.'),
  node: field(subdomain.optional(), 'The node whose device has the MAC address.'),
  lladdr: field(macAddress.optional(), 'The MAC address itself.'),
  dst: field(address.optional(), 'Where frames for it are sent.'),
  state: field(oneOf(['permanent', 'absent']).optional(), "absent: the CNI plugin's entry is lost."),
}));

/** The forwarding table of VXLAN devices. */
export const fdbField = field(
  z
    .array(
      checked(fdbFields, (value, wrong) => {
        eitherOf(value, 'node', 'lladdr', wrong, true);
        if (value.state === 'absent' && value.dst !== undefined) wrong('dst', 'an entry that is absent sends nothing anywhere');
        if (value.state !== 'absent' && value.state !== MALFORMED && value.dst === undefined) wrong('dst');
      }),
    )
    .optional(),
  "Entries of VXLAN devices' forwarding tables, beside the derived ones or in place of them.",
);

export type FdbInput = z.output<typeof fdbFields>;

/** Settings of any namespace that may be stated instead of being derived. */
export const overrideFields = {
  sysctls: field(sysctlsSchema.optional(), 'Kernel settings that differ from what a Kubernetes node usually has.'),
  routes: field(
    strict(() => ({
      add: field(z.array(routeSchema).optional(), 'Routes beside the derived ones, or in place of them.'),
      remove: field(z.array(z.union([oneOf(['default']), prefix])).optional(), 'Derived routes that are missing, by their prefix.'),
    })).optional(),
    'Changes to the main routing table.',
  ),
  rules: field(rulesSchema.optional(), 'Changes to the routing policy rules (ip rule), beside the usual three.'),
  devices: field(
    z
      .record(
        deviceName,
        strict(() => ({
          mtu: field(mtu().optional(), 'In bytes.'),
          up: field(z.boolean().optional(), 'Administratively up?'),
          hairpin: field(z.boolean().optional(), 'Hairpin mode of a bridge port.'),
          vni: field(vni.optional(), "Of a VXLAN device: the network's identifier."),
          port: field(port.optional(), 'Of a VXLAN device: the UDP port.'),
        })),
      )
      .optional(),
    'Settings of devices, by name.',
  ),
  addresses: field(
    z
      .array(
        strict(() => ({
          ip: field(address, 'The address.'),
          dev: field(deviceName, 'The device that has it.'),
          prefixLength: field(whole(1, 128).optional(), 'Length of its prefix; left out, the address alone.'),
        })),
      )
      .optional(),
    'Addresses beside the derived ones.',
  ),
  neighbours: field(
    z
      .array(
        checked(neighbourFields, ({ state, lladdr }, wrong) => {
          if (state === 'permanent' && lladdr === undefined) wrong('lladdr');
          if (state !== 'permanent' && state !== MALFORMED && lladdr !== undefined)
            wrong('lladdr', 'this is read with state: permanent only');
        }),
      )
      .optional(),
    'Neighbour entries that differ from what ARP or neighbour discovery would find.',
  ),
};
