import type { Cluster } from '../../src/k8s/cluster.ts';
import { doesRun, key, type Pod } from '../../src/k8s/pod.ts';
import type { Group } from '../../src/matrix/matrix.ts';
import { outsideParts } from '../../src/matrix/outside.ts';
import type { End, MatrixQuestion, Side } from '../../src/matrix/question.ts';
import { formatAddress } from '../../src/net/address.ts';

type Asked = Partial<Pick<MatrixQuestion, 'ports' | 'protocol' | 'anyPort'>>;

/** Everybody about everybody, blocked or not. `group`: pods with one text are a row. */
export function everybody(cluster: Cluster, group: (pod: Pod) => string, asked: Asked = {}): MatrixQuestion {
  const byGroup = new Map<string, Pod[]>();
  for (const pod of cluster.pods.values()) if (doesRun(pod)) byGroup.set(group(pod), [...(byGroup.get(group(pod)) ?? []), pod]);
  const pods = [...byGroup].map(([name, some]) =>
    side(
      'Pod',
      name,
      some.map((pod) => ({ kind: 'pod', pod })),
    ),
  );
  const nodes = [...cluster.nodes.values()].map((node) => side('Node', node.name, [{ kind: 'node', node }]));
  const services = [...cluster.services.values()].map((service) => side('Service', key(service), [{ kind: 'service', service }]));
  const parts = cluster.families.flatMap((family) => outsideParts(cluster, family, []));
  const outside = parts.map(({ address, sends }) => ({
    sends,
    side: side('Network', formatAddress(address), [{ kind: 'outside', address }]),
  }));
  const from = [...pods, ...nodes, ...outside.flatMap((o) => (o.sends ? [o.side] : []))];
  const to = [...pods, ...nodes, ...services, ...outside.map((o) => o.side)];
  return {
    groups: [...new Set([...from, ...to].map((s) => s.group))],
    from,
    to,
    families: cluster.families,
    ports: null,
    protocol: null,
    anyPort: false,
    blocked: true,
    ...asked,
  };
}

function side(kind: string, name: string, ends: readonly End[]): Side {
  const group: Group = { id: `${kind}/${name}`, kind, namespace: null, name, members: [] };
  return { group, ends };
}
