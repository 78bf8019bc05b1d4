import type { PolicyDecider } from '../../src/datapath/policy-point.ts';
import type { Hop } from '../../src/hop/hop.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import type { TracePath } from '../../src/trace/trace.ts';

/** What a run with random policies has to meet. */
const MET = [
  'let in by a peer of pods',
  'let out by a peer of pods',
  'let through by a range',
  'let through by a rule without peers',
  'let out to a node',
  'let through by a named port',
  'let through by a range of ports',
  'let through behind a service, by its port',
  'let through by a policy that is not the first one',
  'passed on by a tier',
  'allowed by an administrator',
  'denied by an administrator',
  'not let through by default: dropped',
  'not let through by default: refused',
  'nobody there for it: a hole in a range',
  'from its own node',
  'an answer that policies would not let through',
  'a ping let through',
  'no policy about a pod',
] as const;

type Met = (typeof MET)[number];

export const hardlyMet = (policies: ReadonlyMap<string, number>, least: number): readonly string[] =>
  MET.filter((met) => (policies.get(met) ?? 0) < least).map((met) => `${met} ${policies.get(met) ?? 0}`);

/** What of these a connection met on the path that the kernel took. */
export function policiesMet(cluster: Cluster, path: TracePath): readonly Met[] {
  const walks = [path.forward, path.reply];
  const called = path.forward.hops[0]?.packet.destinationPort ?? 0;
  return [...new Set([...walks.flatMap((w) => w?.hops ?? []).flatMap((hop) => metAt(cluster, hop, called)), ...endOf(path)])];
}

function endOf({ reason, outcome }: TracePath): readonly Met[] {
  if (reason?.code === 'POLICY_EXPLICIT_DENY') return ['denied by an administrator'];
  if (reason?.code !== 'POLICY_DEFAULT_DENY') return [];
  return [outcome === 'rejected' ? 'not let through by default: refused' : 'not let through by default: dropped'];
}

function metAt(cluster: Cluster, hop: Hop, called: number): readonly Met[] {
  if (hop.kind === 'skip' && hop.skipped.mechanism === 'policy') {
    if (hop.skipped.skip.why === 'own-node') return ['from its own node'];
    return hop.skipped.skip.why === 'known-connection' ? ['an answer that policies would not let through'] : [];
  }
  if (hop.kind !== 'policy') return [];
  const { verdict, decidedBy, candidates, selected } = hop.decision;
  if (verdict === 'none') return ['no policy about a pod'];
  if (verdict === 'deny') return candidates.some((c) => c.text.includes('is in except')) ? ['nobody there for it: a hole in a range'] : [];
  if (verdict !== 'allow' || decidedBy === null) return [];
  const isFirst = selected[0]?.name === decidedBy.policy.name;
  return [
    ...letBy(cluster, hop.direction, decidedBy),
    ...(hop.packet.destinationPort !== called && decidedBy.port !== null ? ['let through behind a service, by its port' as const] : []),
    ...(isFirst || decidedBy.policy.kind !== 'NetworkPolicy' ? [] : ['let through by a policy that is not the first one' as const]),
    ...(hop.packet.protocol === 'icmp' ? ['a ping let through' as const] : []),
  ];
}

function letBy(cluster: Cluster, direction: 'ingress' | 'egress', by: PolicyDecider): readonly Met[] {
  if (by.action === 'Pass') return ['passed on by a tier'];
  const policy = cluster.policies.find(
    ({ kind, namespace, name }) => kind === by.policy.kind && namespace === by.policy.namespace && name === by.policy.name,
  );
  const rule = policy?.[direction]?.[by.rule ?? -1];
  const peer = rule?.peers?.[by.peer ?? -1]?.kind;
  const port = rule?.ports?.[by.port ?? -1]?.port ?? null;
  return [
    ...(policy !== undefined && policy.tier !== 'NetworkPolicy' ? ['allowed by an administrator' as const] : []),
    ...(peer === 'pods' ? [direction === 'ingress' ? ('let in by a peer of pods' as const) : ('let out by a peer of pods' as const)] : []),
    ...(peer === 'networks' ? ['let through by a range' as const] : []),
    ...(peer === 'nodes' ? ['let out to a node' as const] : []),
    ...(peer === undefined ? ['let through by a rule without peers' as const] : []),
    ...(port !== null && 'name' in port ? ['let through by a named port' as const] : []),
    ...(port !== null && 'first' in port && port.first !== port.last ? ['let through by a range of ports' as const] : []),
  ];
}
