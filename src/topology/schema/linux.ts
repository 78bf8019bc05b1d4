import * as z from 'zod';
import { didYouMean } from '../../source/suggest.ts';
import { address, checked, deviceName, mtu, ofOneFamily, oneOf, prefix, strict, whole } from './fields.ts';

/** The parts of the topology file that are Linux's own words. */

const nextHop = strict(
  {
    via: address,
    dev: deviceName.optional(),
    weight: whole(1, 256).default(1),
  },
  { via: 'The neighbour to send to.', dev: 'Left out, the device whose prefix holds via.', weight: 'Its share of the flows.' },
);

export const routeSchema = strict(
  {
    to: z.union([oneOf(['default']), prefix]),
    via: address.optional(),
    dev: deviceName.optional(),
    type: oneOf(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw']).default('unicast'),
    metric: whole(0, 4294967295).optional(),
    src: address.optional(),
    table: whole(1, 252).optional(),
    nexthops: z.array(nextHop).min(2, { error: 'state at least two next hops, or via' }).optional(),
  },
  {
    to: 'The destinations: a prefix or default.',
    via: 'The next hop; left out, the destination is on the link.',
    dev: 'Left out, the device whose prefix holds via.',
    type: 'What happens to the packet.',
    metric: 'Of two routes with one prefix the lower metric wins; left out, 0, or 1024 for IPv6.',
    src: 'The source address of what is sent from here.',
    table: 'A table of its own, for rules; left out, the main one.',
    nexthops: 'Several next hops: ECMP.',
  },
);

export type RouteInput = z.output<typeof routeSchema>;

const ruleFields = strict(
  {
    priority: whole(1, 32765),
    from: prefix.optional(),
    to: prefix.optional(),
    iif: deviceName.optional(),
    fwmark: z
      .string()
      .regex(/^0x[0-9a-f]{1,8}(\/0x[0-9a-f]{1,8})?$/i, { error: 'expected a mark, as "0x80" or "0x80/0x80"' })
      .optional(),
    table: whole(1, 254),
  },
  {
    priority: 'Lower comes first.',
    from: 'Only packets from these sources.',
    to: 'Only packets to these destinations.',
    iif: 'Only packets that came in by this device; lo for those sent from here.',
    fwmark: 'Only packets with this mark.',
    table: 'The table to look in; 254 is main.',
  },
);

const ruleSchema = checked(ruleFields, (value, wrong) => ofOneFamily(value, ['from', 'to'], wrong));

export type RuleInput = z.output<typeof ruleSchema>;

const PER_DEVICE: Readonly<Record<string, number>> = { forwarding: 1, rp_filter: 2, route_localnet: 1 };
const WHOLE: Readonly<Record<string, number>> = {
  'net.ipv4.ip_forward': 1,
  'net.ipv6.conf.all.forwarding': 1,
  'net.bridge.bridge-nf-call-iptables': 1,
  'net.bridge.bridge-nf-call-ip6tables': 1,
};
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
  const known = [...Object.keys(WHOLE), ...Object.keys(PER_DEVICE).map((k) => `net.ipv4.conf.all.${k}`)];
  return `k8s-trace does not know this sysctl; ${didYouMean(name, known) ?? `it knows ${known.join(', ')} (those of net.ipv4.conf for one device, too)`}`;
}

function highest(name: string): number | undefined {
  return WHOLE[name] ?? PER_DEVICE[CONF.exec(name)?.[2] ?? ''];
}

/** The sysctls that the walk asks for; any other would be accepted and change nothing, so it is refused. */
const sysctlsSchema = z.record(z.string(), z.number()).check((context) => {
  for (const [name, value] of Object.entries(context.value)) {
    const most = highest(name);
    const issue = { code: 'custom' as const, input: value, path: [name] };
    if (most === undefined) context.issues.push({ ...issue, params: { key: true }, message: unknownSysctl(name) });
    else if (!Number.isInteger(value) || value < 0 || value > most)
      context.issues.push({ ...issue, message: `expected ${most === 1 ? '0 or 1' : '0, 1 or 2'}` });
  }
});

/** What may be stated of any namespace instead of being derived. */
export const overrideFields = {
  sysctls: sysctlsSchema.optional(),
  routes: strict(
    {
      add: z.array(routeSchema).default([]),
      remove: z.array(z.union([oneOf(['default']), prefix])).default([]),
    },
    { add: 'Routes beside the derived ones, or in place of them.', remove: 'Derived routes that are missing, by their prefix.' },
  ).optional(),
  rules: z.array(ruleSchema).optional(),
  devices: z
    .record(
      deviceName,
      strict(
        {
          mtu: mtu.optional(),
          up: z.boolean().optional(),
          hairpin: z.boolean().optional(),
        },
        { mtu: 'In bytes.', up: 'Administratively up?', hairpin: 'Hairpin mode of a bridge port.' },
      ),
    )
    .optional(),
  addresses: z
    .array(
      strict(
        { ip: address, dev: deviceName, prefixLength: whole(1, 128).optional() },
        { ip: 'The address.', dev: 'The device that has it.', prefixLength: 'Length of its prefix; left out, the address alone.' },
      ),
    )
    .optional(),
  neighbours: z
    .array(
      strict(
        { ip: address, dev: deviceName, state: oneOf(['failed']) },
        { ip: 'The neighbour.', dev: 'The device that it is behind.', state: 'failed: ARP, or neighbour discovery, gets no answer.' },
      ),
    )
    .optional(),
};

export const overrideDocs = {
  sysctls: 'Kernel settings that differ from what a Kubernetes node usually has.',
  routes: 'Changes to the main routing table.',
  rules: 'Routing policy rules (ip rule) beside the usual three.',
  devices: 'Settings of devices, by name.',
  addresses: 'Addresses beside the derived ones.',
  neighbours: 'Neighbour entries that differ from what ARP or neighbour discovery would find.',
};
