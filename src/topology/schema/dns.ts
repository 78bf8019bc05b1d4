import * as z from 'zod';
import { address, label, oneOf, subdomain } from '../../source/fields.ts';
import { field, strict } from '../../source/objects.ts';

/** How pods are named and how they look names up, in Kubernetes' own words. */

/** Kubernetes takes these names with a dot at their end too, and means the same. */
const dnsName = () =>
  z
    .string()
    .transform((text) => text.replace(/\.$/, ''))
    .pipe(subdomain);

/** Options of resolv.conf(5) that change when and how often a server is asked, but neither the server nor the name. */
const WITHOUT_EFFECT = ['timeout', 'attempts', 'edns0', 'single-request', 'single-request-reopen', 'no-aaaa', 'trust-ad'] as const;

const option = strict(() => ({
  name: field(oneOf(['ndots', ...WITHOUT_EFFECT]), 'As in resolv.conf(5). Only ndots changes an answer.'),
  value: field(z.string().optional(), 'Its value, in quotes.'),
}));

const dnsConfig = strict(() => ({
  nameservers: field(
    z.array(address).max(3, { error: 'the resolver takes at most 3 nameservers' }).optional(),
    "Asked after the policy's own; with policy None, instead of them.",
  ),
  searches: field(
    z.array(dnsName()).max(32, { error: 'a search list has at most 32 domains' }).optional(),
    "Tried after the policy's own search list.",
  ),
  options: field(z.array(option).optional(), 'As options of resolv.conf(5).'),
}));

const hostAlias = strict(() => ({
  ip: field(address, 'The address.'),
  hostnames: field(z.array(subdomain).min(1, { error: 'state at least one name' }), 'Names that stand for it.'),
}));

export const podNames = {
  hostname: field(
    label.optional(),
    "Its own host name; with a subdomain that is its service's name, also a DNS name, as StatefulSets give it.",
  ),
  subdomain: field(label.optional(), 'The service below whose name it has its own.'),
  dnsPolicy: field(
    oneOf(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']).optional(),
    'Whom it asks for names: the cluster DNS, or as its node does.',
  ),
  dnsConfig: field(dnsConfig.optional(), 'Nameservers, search list and options beside those of the policy.'),
  hostAliases: field(z.array(hostAlias).optional(), 'Lines of its /etc/hosts.'),
};
export const serviceNames = {
  externalName: field(dnsName().optional(), 'The name that a service of type ExternalName stands for.'),
  publishNotReadyAddresses: field(z.boolean().optional(), 'Are endpoints ready whether their pods are or not?'),
};
