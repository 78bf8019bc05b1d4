import * as z from 'zod';
import { address, addresses, eitherOf, label, mtu, ofOneFamily, oneOf, port, prefix, prefixes, subdomain } from '../../source/fields.ts';
import { checked, field, MALFORMED, type Stated, strict } from '../../source/objects.ts';
import { routeSchema } from './linux.ts';

/** The network between the nodes and to the world outside. */

const PORTS = /^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/;
const EXPECTED_PORTS = 'expected PORT or FIRST-LAST, and /udp or /sctp if it is not TCP, as 443 or 30000-32767/udp';

function isRange(text: string): boolean {
  const [first = 0, last = first] = (text.split('/')[0] ?? '').split('-').map(Number);
  return first >= 1 && last <= 65535 && first <= last;
}

const firewallFields = strict(() => ({
  name: field(z.string().optional(), 'For people.'),
  action: field(oneOf(['allow', 'deny', 'reject']), 'allow lets it pass, deny drops it in silence, reject tells the sender.'),
  from: field(prefix.optional(), 'The sources that it is about; left out, all.'),
  to: field(prefix.optional(), 'The destinations that it is about, as they are where the firewall stands; left out, all.'),
  ports: field(
    z
      .array(
        z.union([
          port,
          z
            .string({ error: EXPECTED_PORTS })
            .regex(PORTS, { error: EXPECTED_PORTS })
            .refine((text) => !PORTS.test(text) || isRange(text), {
              error: ({ input }) => `${input} is no port from 1 to 65535, and no range of them from low to high`,
            }),
        ]),
      )
      .min(1, { error: 'state at least one port, or leave ports out: then the rule is about all of them' })
      .optional(),
    'The destination ports that it is about, as 22/tcp or 30000-32767/udp; left out, all.',
  ),
  protocol: field(
    oneOf(['tcp', 'udp', 'sctp', 'icmp']).optional(),
    'The protocol that it is about, when no ports are stated; left out, all.',
  ),
}));

const firewallRule = () =>
  checked(firewallFields, (value, wrong) => {
    ofOneFamily(value, ['from', 'to'], wrong);
    if (value.protocol !== undefined && value.ports !== undefined) wrong('protocol', sayTheirProtocol(value.ports, value.protocol));
  });

type Rule = Stated<z.output<typeof firewallFields>>;

/** With the form that is right, as far as the two tell. */
function sayTheirProtocol(ports: NonNullable<Rule['ports']>, protocol: NonNullable<Rule['protocol']>): string {
  if (protocol === 'icmp') return 'icmp has no ports: leave one of the two out';
  const name = protocol === MALFORMED ? 'udp' : protocol;
  const written = (ports === MALFORMED ? [53] : ports).map((p) => (String(p).includes('/') ? p : `${p}/${name}`));
  return `ports say their protocol themselves, as ${written.join(', ')}: leave protocol out`;
}

/** A list of rules, with what happens to all others where that is not to let them pass. */
const firewall = () =>
  z.union([
    z.array(firewallRule()),
    strict(() => ({
      default: field(
        oneOf(['allow', 'deny', 'reject']).optional(),
        'What happens to new connections that no rule is about; left out, allow.',
      ),
      rules: field(z.array(firewallRule()).optional(), 'The first one that fits decides.'),
    })),
  ]);

/** As `iptables -I INPUT` and `-P FORWARD DROP` have them. */
export const hostFirewall = strict(() => ({
  input: field(firewall().optional(), 'What the node itself takes: before the rules of others, packet by packet.'),
  forward: field(firewall().optional(), 'What it hands on, both directions of a connection: before the rules of others, packet by packet.'),
}));

export const underlay = strict(() => ({
  mtu: field(mtu().optional(), 'MTU of the NICs on it, in bytes; a device of a machine may state its own.'),
  sourceCheck: field(
    z.boolean().optional(),
    "Does it drop what a NIC of a node sends from an address that is not the NIC's own, as clouds do unless they are told not to?",
  ),
  segments: field(
    z
      .array(
        checked(
          strict(() => ({
            name: field(label, "The segment's name."),
            cidr: field(prefix.optional(), 'Its range; every machine on it has this prefix length.'),
            cidrs: field(prefixes.optional(), 'With two IP families, the range of each.'),
          })),
          (value, wrong) => eitherOf(value, 'cidr', 'cidrs', wrong, true),
        ),
      )
      .min(1, { error: 'state at least one segment' })
      .optional(),
    'Switches that machines hang on. A node is on the one whose range holds its address. Left out, one switch with all on it.',
  ),
  routers: field(
    z
      .array(
        strict(() => ({
          name: field(label, "The router's name."),
          interfaces: field(
            z.array(
              checked(
                strict(() => ({
                  segment: field(label, 'The segment that it is on.'),
                  ip: field(address.optional(), 'Its address there.'),
                  ips: field(addresses.optional(), 'With two IP families, its address of each.'),
                })),
                (value, wrong) => eitherOf(value, 'ip', 'ips', wrong, true),
              ),
            ),
            'eth0, eth1, … in this order.',
          ),
          routes: field(z.array(routeSchema).optional(), 'Beside those to its own segments.'),
        })),
      )
      .optional(),
    'Machines that join segments.',
  ),
  firewall: field(firewall().optional(), 'What routers and the gateway let pass.'),
}));

export const internet = strict(() => ({
  gateway: field(
    checked(
      strict(() => ({
        ip: field(address.optional(), "The nodes' default route."),
        ips: field(addresses.optional(), 'With two IP families, its address of each.'),
        publicIP: field(address.optional(), 'The source of all that leaves and has no address of its own outside.'),
        publicIPs: field(addresses.optional(), 'With two IP families, the one of each.'),
        nat: field(
          z
            .array(
              checked(
                strict(() => ({ private: field(address, 'The address inside.'), public: field(address, 'What it is outside.') })),
                (value, wrong) => ofOneFamily(value, ['private', 'public'], wrong),
              ),
            )
            .optional(),
          'Addresses that are reached from outside, one to one.',
        ),
        routes: field(
          z.array(routeSchema).optional(),
          'Beside those to the segments: to pod ranges, where pods keep their addresses up to it.',
        ),
      })),
      (value, wrong) => {
        eitherOf(value, 'ip', 'ips', wrong, true);
        eitherOf(value, 'publicIP', 'publicIPs', wrong, false);
      },
    ),
    'The way out, and in.',
  ),
  firewall: field(firewall().optional(), 'What the gateway lets pass between inside and outside.'),
  clients: field(
    z
      .array(
        checked(
          strict(() => ({
            name: field(subdomain, 'A name to trace from or to, and its DNS name if it has dots.'),
            ip: field(address.optional(), 'Its public address.'),
            ips: field(addresses.optional(), 'With two IP families, its address of each.'),
          })),
          (value, wrong) => eitherOf(value, 'ip', 'ips', wrong, true),
        ),
      )
      .optional(),
    'Machines on the internet; left out, one named internet with 198.51.100.1, or 2001:db8::1.',
  ),
}));

export type FirewallInput = z.output<ReturnType<typeof firewall>>;
export type FirewallRuleInput = z.output<ReturnType<typeof firewallRule>>;
