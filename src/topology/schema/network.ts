import * as z from 'zod';
import { address, checked, eitherOf, label, ofOneFamily, oneAFamily, oneOf, port, prefix, strict, subdomain } from './fields.ts';
import { routeSchema } from './linux.ts';

/** The network between the nodes and to the world outside. */

const firewallFields = strict(
  {
    name: z.string().optional(),
    action: oneOf(['allow', 'deny', 'reject']),
    from: prefix.optional(),
    to: prefix.optional(),
    ports: z
      .array(
        z.union([
          port,
          z
            .string({ error: 'expected PORT or FIRST-LAST, and /udp or /sctp if it is not TCP, as 443 or 30000-32767/udp' })
            .regex(/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/, {
              error: 'expected PORT or FIRST-LAST, and /udp or /sctp if it is not TCP, as 443 or 30000-32767/udp',
            }),
        ]),
      )
      .min(1, { error: 'state at least one port, or leave ports out: then the rule is about all of them' })
      .optional(),
    protocol: oneOf(['tcp', 'udp', 'sctp', 'icmp']).optional(),
  },
  {
    name: 'For people.',
    action: 'allow lets it pass, deny drops it in silence, reject tells the sender.',
    from: 'The sources that it is about; left out, all.',
    to: 'The destinations that it is about, as they are where the firewall stands; left out, all.',
    ports: 'The destination ports that it is about, as 22/tcp or 30000-32767/udp; left out, all.',
    protocol: 'The protocol that it is about, when no ports are stated; left out, all.',
  },
);

const firewallRule = checked(firewallFields, (value, wrong) => ofOneFamily(value, ['from', 'to'], wrong));
const rules = z.array(firewallRule);

/** A list of rules, with what happens to all others where that is not to let them pass. */
const firewall = z.union([
  rules,
  strict(
    { default: oneOf(['allow', 'deny', 'reject']).optional(), rules: rules.default([]) },
    { default: 'What happens to new connections that no rule is about; left out, allow.', rules: 'The first one that fits decides.' },
  ),
]);

export const underlay = strict(
  {
    segments: z
      .array(
        checked(
          strict(
            { name: label, cidr: prefix.optional(), cidrs: oneAFamily(prefix).optional() },
            {
              name: "The segment's name.",
              cidr: 'Its range; every machine on it has this prefix length.',
              cidrs: 'With two IP families, the range of each.',
            },
          ),
          (value, wrong) => eitherOf(value, 'cidr', 'cidrs', wrong, true),
        ),
      )
      .min(1, { error: 'state at least one segment' })
      .optional(),
    routers: z
      .array(
        strict(
          {
            name: label,
            interfaces: z.array(
              checked(
                strict(
                  { segment: label, ip: address.optional(), ips: oneAFamily(address).optional() },
                  { segment: 'The segment that it is on.', ip: 'Its address there.', ips: 'With two IP families, its address of each.' },
                ),
                (value, wrong) => eitherOf(value, 'ip', 'ips', wrong, true),
              ),
            ),
            routes: z.array(routeSchema).default([]),
          },
          { name: "The router's name.", interfaces: 'eth0, eth1, … in this order.', routes: 'Beside those to its own segments.' },
        ),
      )
      .default([]),
    firewall: firewall.optional(),
  },
  {
    segments: 'Switches that machines hang on. A node is on the one whose range holds its address. Left out, one switch with all on it.',
    routers: 'Machines that join segments.',
    firewall: 'What routers and the gateway let pass.',
  },
);

export const internet = strict(
  {
    gateway: checked(
      strict(
        {
          ip: address.optional(),
          ips: oneAFamily(address).optional(),
          publicIP: address.optional(),
          publicIPs: oneAFamily(address).optional(),
          nat: z
            .array(
              checked(
                strict({ private: address, public: address }, { private: 'The address inside.', public: 'What it is outside.' }),
                (value, wrong) => ofOneFamily(value, ['private', 'public'], wrong),
              ),
            )
            .default([]),
          routes: z.array(routeSchema).default([]),
        },
        {
          ip: "The nodes' default route.",
          ips: 'With two IP families, its address of each.',
          publicIP: 'The source of all that leaves and has no address of its own outside.',
          publicIPs: 'With two IP families, the one of each.',
          nat: 'Addresses that are reached from outside, one to one.',
          routes: 'Beside those to the segments: to pod ranges, where pods keep their addresses up to it.',
        },
      ),
      (value, wrong) => {
        eitherOf(value, 'ip', 'ips', wrong, true);
        eitherOf(value, 'publicIP', 'publicIPs', wrong, false);
      },
    ),
    firewall: firewall.optional(),
    clients: z
      .array(
        checked(
          strict(
            { name: subdomain, ip: address.optional(), ips: oneAFamily(address).optional() },
            {
              name: 'A name to trace from or to, and its DNS name if it has dots.',
              ip: 'Its public address.',
              ips: 'With two IP families, its address of each.',
            },
          ),
          (value, wrong) => eitherOf(value, 'ip', 'ips', wrong, true),
        ),
      )
      .default([]),
  },
  {
    gateway: 'The way out, and in.',
    firewall: 'What the gateway lets pass between inside and outside.',
    clients: 'Machines on the internet; left out, one named internet with 198.51.100.1, or 2001:db8::1.',
  },
);

export type FirewallInput = z.output<typeof firewall>;
export type FirewallRuleInput = z.output<typeof firewallRule>;
