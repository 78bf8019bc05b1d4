import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { Scenario } from './generate.ts';
import { inIpv6 } from './ipv6.ts';
import { type DrawnPolicy, policies } from './policy-arbitrary.ts';

type Family = 'IPv4' | 'IPv6' | 'both';
type Fields = Record<string, unknown>;

/** Pods with one label are in one namespace, as are the services that select them; a few pods are elsewhere. */
const NAMESPACES: Readonly<Record<string, string>> = { a: 'default', b: 'shop', c: 'ops', none: 'default' };
const OTHERS = ['ops', 'default', 'shop'];

/** The same cluster with policies, and somebody who enforces them. */
export function withPolicies(drawn: fc.Arbitrary<Scenario>, enforcer: string, family: Family): fc.Arbitrary<Scenario> {
  return fc.record({ scenario: drawn, drawnPolicies: policies }).map(({ scenario, drawnPolicies }) => {
    const topology = parse(scenario.text) as Fields;
    const where = new Map<string, string>();
    const pods = listOf(topology['pods']).map((pod, i) => placed(pod, i, where));
    const services = listOf(topology['services']).map((service) => {
      const { app = 'none' } = (service['selector'] ?? {}) as Record<string, string>;
      const namespace = NAMESPACES[app] ?? 'default';
      where.set(`svc/${service['name']}`, namespace);
      return { ...service, namespace };
    });
    const plan = {
      ...topology,
      cluster: { ...(topology['cluster'] as Fields), networkPolicy: enforcer },
      namespaces: [
        { name: 'shop', labels: { team: 'x' } },
        { name: 'ops', labels: { team: 'y' } },
      ],
      pods,
      services,
    };
    const objects = drawnPolicies.map((p, i) => objectOf(p, i, family));
    return {
      ...scenario,
      text: [plan, ...objects].map((o) => stringify(o, { lineWidth: 0, collectionStyle: 'any', version: '1.1' })).join('---\n'),
      flows: scenario.flows.map((f) => ({ ...f, source: inNamespace(f.source, where), destination: inNamespace(f.destination, where) })),
    };
  });
}

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : []);

/** In its namespace, with another label and, where it says what listens, with a port whose name is another number elsewhere. */
function placed(pod: Fields, i: number, where: Map<string, string>): Fields {
  const { app = 'a' } = pod['labels'] as Record<string, string>;
  const namespace = (i % 5 === 4 ? OTHERS[i % OTHERS.length] : NAMESPACES[app]) ?? 'default';
  where.set(`pod/${pod['name']}`, namespace);
  const containers = listOf(pod['containers']);
  const alt = { name: 'alt', ports: [{ name: 'alt', containerPort: i % 2 === 0 ? 9998 : 9999 }] };
  return {
    ...pod,
    namespace,
    labels: { app, ...(i % 3 === 0 ? { tier: i % 2 === 0 ? 'front' : 'back' } : {}) },
    ...(containers.length === 0 ? {} : { containers: [...containers, alt] }),
  };
}

/** `pod/p1a` and `app@pod/p1a` get their namespace. */
const inNamespace = (text: string, where: ReadonlyMap<string, string>): string =>
  text.replace(/\b(?:pod|svc)\/[\w-]+/, (name) => `${where.get(name) ?? 'default'}/${name}`);

const VERSIONS: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networking.k8s.io/v1',
  AdminNetworkPolicy: 'policy.networking.k8s.io/v1alpha1',
  BaselineAdminNetworkPolicy: 'policy.networking.k8s.io/v1alpha1',
  ClusterNetworkPolicy: 'policy.networking.k8s.io/v1beta1',
};

function objectOf({ kind, namespace, spec }: DrawnPolicy, i: number, family: Family): Fields {
  const name = kind === 'BaselineAdminNetworkPolicy' ? 'default' : `policy-${i}`;
  const hasPriority = kind === 'AdminNetworkPolicy' || kind === 'ClusterNetworkPolicy';
  return {
    apiVersion: VERSIONS[kind],
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    // No two of a kind have one, and the order is not that of the file.
    spec: { ...(hasPriority ? { priority: (i * 37 + 50) % 100 } : {}), ...(inFamilyOf(spec, family) as Fields) },
  };
}

/** Address blocks are of the cluster's family; in a cluster with both, one of either. */
function inFamilyOf(value: unknown, family: Family): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => inFamilyOf(item, family));
    return family === 'both' && items.some(isAddresses) ? [...items, ...value.map((item) => inFamilyOf(item, 'IPv6'))] : items;
  }
  if (typeof value === 'string') return family === 'IPv6' ? inIpv6(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const of = (key: string) => (key === 'ipBlock' && family === 'both' ? 'IPv4' : family);
  return Object.fromEntries(Object.entries(value).flatMap(([key, v]) => (v === undefined ? [] : [[key, inFamilyOf(v, of(key))]])));
}

/** A peer that is a range, or a range among networks. */
const isAddresses = (item: unknown): boolean =>
  typeof item === 'string' ? item.includes('/') : typeof item === 'object' && item !== null && 'ipBlock' in item;
