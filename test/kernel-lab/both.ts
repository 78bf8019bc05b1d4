import { parse, stringify } from 'yaml';
import { inIpv6, translate } from './ipv6.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields with one address or range, and the plural that holds one of each family. */
const PLURALS: Readonly<Record<string, string>> = {
  ip: 'ips',
  podCIDR: 'podCIDRs',
  serviceCIDR: 'serviceCIDRs',
  clusterIP: 'clusterIPs',
  cidr: 'cidrs',
  publicIP: 'publicIPs',
};

/** Lists whose items have one address each: those of both families stand in them. */
const LISTS = [
  'add',
  'remove',
  'addresses',
  'neighbours',
  'fdb',
  'nat',
  'externalIPs',
  'loadBalancerSourceRanges',
  'ingress',
  'nonMasqueradeCIDRs',
  'nodePortAddresses',
  'listen',
];

/** The same topology with addresses of both families. `first` is the primary one. */
export function topologyInBoth(text: string, first: 'IPv4' | 'IPv6'): string {
  const ipv4: unknown = parse(text);
  const both = merge(ipv4, translate(ipv4), first, 'topology');
  return stringify(both, { lineWidth: 0, collectionStyle: 'any' });
}

function merge(a: unknown, b: unknown, first: 'IPv4' | 'IPv6', field: string): unknown {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (LISTS.includes(field)) return concat(a, b);
    // A rule about addresses is one of each family; one about none is of both.
    if (field === 'rules' || field === 'firewall') return a.flatMap((rule, i) => concat([rule], [b[i]]));
    return a.map((item, i) =>
      field === 'pods' || field === 'services' ? oneOrBoth(item, b[i], first, i) : merge(item, b[i], first, field),
    );
  }
  if (!isFields(a) || !isFields(b)) return a;
  if (field === 'sysctls' || field === 'devices') return { ...a, ...b };
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(a)) {
    const plural = PLURALS[key];
    const other = b[key];
    if (plural === undefined || value === 'None' || value === other) merged[key] = merge(value, other, first, key);
    else merged[plural] = first === 'IPv4' || key !== 'podCIDR' ? [value, other] : [other, value];
  }
  return merged;
}

/** Some pods and services have one family only, whole: what is stated of them is of that one. */
function oneOrBoth(a: unknown, b: unknown, first: 'IPv4' | 'IPv6', index: number): unknown {
  const own = index % 5 === 2 ? a : index % 5 === 4 ? b : null;
  if (own === null || !isFields(own)) return merge(a, b, first, '');
  return 'ip' in own
    ? Object.fromEntries(Object.entries(own).map(([key, value]) => (key === 'ip' ? ['ips', [value]] : [key, value])))
    : own;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is the same in both families, as a blackhole for `default`, is there once. */
const concat = (a: readonly unknown[], b: readonly unknown[]): unknown[] => [
  ...a,
  ...b.filter((item) => !a.some((other) => stringify(other) === stringify(item))),
];

/** A destination by its address has a twin; a name stands for the primary family. */
export const twins = (destination: string): readonly string[] => {
  const twin = inIpv6(destination);
  return twin === destination ? [destination] : [destination, twin];
};
