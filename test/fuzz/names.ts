import type { Cluster } from '../../src/index.ts';
import { TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

/** What a file makes worth asking for. */
export interface Names {
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  readonly services: readonly string[];
  readonly addresses: readonly string[];
  readonly hosts: readonly string[];
  readonly ports: readonly string[];
}

/** Those of a cluster; of a text that is none, what looks like them. */
export function namesIn(text: string, cluster: Cluster | null): Names {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((m) => m[1] ?? '');
  const names = all(/name"?: *"?([\w.-]+)/g);
  return {
    nodes: cluster === null ? names : [...cluster.nodes.keys()],
    pods: cluster === null ? names : [...cluster.pods.keys()],
    services: cluster === null ? names : [...cluster.services.keys()],
    addresses: all(/\b(\d+\.\d+\.\d+\.\d+|[\da-f]+:[\da-f:]+:[\da-f]+)\b/g),
    hosts: all(/host(?:s|name|names)?"?: *\[? *"?([\w.-]+)/g),
    ports: all(/[pP]ort"?: *"?(\w+)/g),
  };
}

const port = (r: Random, { ports }: Names) =>
  r.oneIn(2) ? '' : `:${r.oneIn(6) ? r.pick(['0', '99999', 'http', '53/udp', '80/sctp', '']) : (r.some(ports) ?? '80')}`;

const joined = (address: string, end: string) => (address.includes(':') && end !== '' ? `[${address}]${end}` : address + end);

/** Without the namespace that is the default. */
export const bare = (name: string | undefined) => name?.replace(/^default\//, '');

/** A source, nearly always one that is there. */
export function source(r: Random, { pods, nodes, addresses }: Names): string {
  if (r.oneIn(40)) return r.pick(TEXTS);
  const pod = bare(r.some(pods));
  const all = [pod, pod, pod, pod, `pod/${pod}`, `node/${r.some(nodes)}`, r.some(addresses), r.pick(['internet', `app@${pod}`])];
  return r.some(all) ?? 'pod-a';
}

/** A destination, nearly always one that is there. */
export function destination(r: Random, names: Names): string {
  if (r.oneIn(40)) return r.pick(TEXTS);
  const key = r.some(names.services) ?? 'default/web';
  const [namespace, service] = key.split('/');
  const end = port(r, names);
  const path = r.pick(['/', '/cart', '', '/a/../b?c', '/%00']);
  return r.pick([
    `${namespace}/svc/${service}`,
    `${namespace}/svc/${service}${end}`,
    `svc/${service}${end}`,
    `${bare(r.some(names.pods))}${end}`,
    `${bare(r.some(names.pods))}${end}`,
    `node/${r.some(names.nodes)}${end}`,
    joined(r.some(names.addresses) ?? '10.96.0.10', end),
    `${r.pick(TEXTS)}/${r.pick(TEXTS)}${end}`,
    `${service}.${namespace}.svc.cluster.local${end}`,
    `${service}.${namespace}${end}`,
    `${r.pick(['http', 'https'])}://${r.some(names.hosts) ?? service}${path}`,
    `http://${service}${end}${path}`,
    r.pick(['internet', '1.1.1.1:443', '8.8.8.8', '[2001:db8::1]:80', 'localhost:8080', '127.0.0.1:80']),
  ]);
}
