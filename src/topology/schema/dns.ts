import * as z from 'zod';
import { address, label, oneOf, strict, subdomain } from './fields.ts';

/** How pods are named and how they look names up, in Kubernetes' own words. */

/** Kubernetes takes these names with a dot at their end too, and means the same. */
const dnsName = z
  .string()
  .transform((text) => text.replace(/\.$/, ''))
  .pipe(subdomain);

/** Options of resolv.conf(5) that change when and how often is asked, but not who is asked for what. */
const WITHOUT_EFFECT = ['timeout', 'attempts', 'edns0', 'single-request', 'single-request-reopen', 'no-aaaa', 'trust-ad'] as const;

const option = strict(
  { name: oneOf(['ndots', ...WITHOUT_EFFECT]), value: z.string().optional() },
  { name: 'As in resolv.conf(5). Only ndots changes an answer.', value: 'Its value, in quotes.' },
);

const dnsConfig = strict(
  {
    nameservers: z.array(address).max(3, { error: 'the resolver takes at most 3 nameservers' }).default([]),
    searches: z.array(dnsName).max(32, { error: 'a search list has at most 32 domains' }).default([]),
    options: z.array(option).default([]),
  },
  {
    nameservers: "Asked after the policy's own; with policy None, instead of them.",
    searches: "Tried after the policy's own search list.",
    options: 'As options of resolv.conf(5).',
  },
);

const hostAlias = strict(
  { ip: address, hostnames: z.array(subdomain).min(1, { error: 'state at least one name' }) },
  { ip: 'The address.', hostnames: 'Names that stand for it.' },
);

export const podNames = {
  hostname: label.optional(),
  subdomain: label.optional(),
  dnsPolicy: oneOf(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']).default('ClusterFirst'),
  dnsConfig: dnsConfig.optional(),
  hostAliases: z.array(hostAlias).default([]),
};

export const podNameDocs = {
  hostname: "Its own host name; with a subdomain that is its service's name, also a DNS name, as StatefulSets give it.",
  subdomain: 'The service below whose name it has its own.',
  dnsPolicy: 'Whom it asks for names: the cluster DNS, or as its node does.',
  dnsConfig: 'Nameservers, search list and options beside those of the policy.',
  hostAliases: 'Lines of its /etc/hosts.',
};

export const serviceNames = {
  externalName: dnsName.optional(),
  publishNotReadyAddresses: z.boolean().default(false),
};

export const serviceNameDocs = {
  externalName: 'The name that a service of type ExternalName stands for.',
  publishNotReadyAddresses: 'Are endpoints ready whether their pods are or not?',
};
