import type { HopDocument, TraceDocument } from '../document/trace-schema.ts';
import { safe } from './text.ts';

type PolicyHop = Extract<HopDocument, { kind: 'policy' }>;
type Candidate = PolicyHop['candidates'][number];

/** So many rules, and so many policies without any, are told. */
const MOST_RULES = 6;
const MOST_POLICIES = 3;

/** Of a rule's conditions the peer is asked first: where it is the port that failed, the peer is meant. */
const NEAREST = ['port', 'protocol', 'unknown', 'peer', 'family'] as const satisfies readonly Candidate['failed'][];

/** What policies about the pod have that could have let the packet through, the nearest first, and why it did not. */
export function policyWhy(trace: TraceDocument): readonly string[] {
  const hop = decidingHop(trace);
  if (hop === null) return [];
  const { direction, selected, candidates, decidedBy } = hop;
  const isDefault = decidedBy === null || decidedBy.rule === null;
  const what = isDefault ? `has no ${direction} rule` : 'is about it as well, and does not decide';
  const sorted = NEAREST.flatMap((failed) => candidates.filter((c) => c.failed === failed));
  const shown = sorted.slice(0, MOST_RULES);
  const silent = selected.filter(
    (s) => (isDefault ? s.kind === 'NetworkPolicy' : !isOf(decidedBy, s)) && !candidates.some((c) => isOf(c, s)),
  );
  const more = sorted.length - shown.length;
  return [
    ...shown.map((c) => `- ${direction}[${c.rule}] of ${named(c)}${at(c.source)}: ${c.text}`),
    ...silent.slice(0, MOST_POLICIES).map((p) => `- ${named(p)}${at(p.source)} ${what}`),
    ...(silent.length > MOST_POLICIES ? [`- and ${silent.length - MOST_POLICIES} more policies like these`] : []),
    ...(more > 0 ? [`- ${more} more rules do not fit (-o json has all)`] : []),
  ].map(safe);
}

/** The place of a policy where the path ends that the reason is of. */
function decidingHop({ reason, paths }: TraceDocument): PolicyHop | null {
  const path = reason === null ? undefined : paths[reason.path];
  const walk = reason?.walk === 'dns' ? path?.dns?.forward : path?.forward;
  if (walk == null || reason?.walk === 'reply') return null;
  const hop = walk.hops.findLast((h) => h.kind === 'policy');
  return hop?.kind === 'policy' && (hop.verdict === 'deny' || hop.verdict === 'unknown') ? hop : null;
}

type Named = Pick<Candidate, 'kind' | 'namespace' | 'name'>;

const isOf = (candidate: Named, { kind, namespace, name }: Named): boolean =>
  candidate.kind === kind && candidate.namespace === namespace && candidate.name === name;

const named = ({ kind, namespace, name }: Named): string => `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;

const at = (source: Candidate['source']): string => (source === null ? '' : ` (${source.file}:${source.line})`);
