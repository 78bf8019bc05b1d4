import type { Random } from '../fuzz/random.ts';
import { type Data, soundCluster } from './planted.ts';

/** What goes wrong with policies: they isolate a pod, and the rule that was meant to let the packet pass does not. */

const CLIENT = { matchLabels: { app: 'client' } };
const WEB = { matchLabels: { app: 'web' } };
const NAME = 'kubernetes.io/metadata.name';

const someRule = (r: Random, direction: 'from' | 'to'): Data => {
  const peer = r.pick<Data>([
    { podSelector: CLIENT },
    { podSelector: WEB },
    { podSelector: { matchLabels: { app: 'wep' } } },
    { namespaceSelector: { matchLabels: { team: 'shop' } } },
    { namespaceSelector: { matchLabels: { [NAME]: 'default' } }, podSelector: { matchLabels: { part: 'other' } } },
    { ipBlock: { cidr: '198.51.100.0/24' } },
    { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24', '10.244.2.0/24'] } },
  ]);
  const port = r.pick<Data>([
    { port: 80 },
    { port: 9090 },
    { port: 'metrics' },
    { port: 8080, protocol: 'UDP' },
    { port: 8000, endPort: 8079 },
  ]);
  return { ...(r.oneIn(4) ? {} : { [direction]: [peer] }), ...(r.oneIn(4) ? {} : { ports: [port] }) };
};

function policy(r: Random, i: number): Data {
  const direction = r.pick<'ingress' | 'egress'>(['ingress', 'egress']);
  const rules = Array.from({ length: r.below(3) }, () => someRule(r, direction === 'ingress' ? 'from' : 'to'));
  return {
    name: `policy-${i}`,
    podSelector: r.pick<Data>([{}, WEB, CLIENT]),
    policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    ...(rules.length === 0 ? {} : { [direction]: rules }),
  };
}

/** A sound cluster with one to four policies, which somebody enforces. */
export function policedCluster(r: Random): Data {
  const t = soundCluster(r);
  t.cluster.networkPolicy = r.pick(['calico', 'kube-router', 'cilium', 'kube-network-policies']);
  t.networkPolicies = Array.from({ length: 1 + r.below(4) }, (_, i) => policy(r, i));
  return t;
}
