import type { Cluster } from '../k8s/cluster.ts';
import type { FactValue } from '../k8s/fact.ts';
import { placeOf } from '../source/origin.ts';

/** Where a flag and a Topology state different things, a line for each flag: the flag counts. A plugin brings its mode along. */
export function overruledBy({ facts }: Cluster): readonly string[] {
  const said = new Set<string>();
  return facts.flatMap(({ confidence, source, flag, value, others }) => {
    const other = confidence === 'stated' && source === null ? others.find((o) => o.confidence === 'stated') : undefined;
    if (other?.source == null || flag === null || said.has(flag)) return [];
    said.add(flag);
    return [`${flag} ${textOf(value)} counts, and not ${textOf(other.value)} of the Topology (${placeOf(other.source.locus)})`];
  });
}

function textOf(value: FactValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return value === null ? 'nothing' : String(value);
}
