import type { Failure } from '../hop/failure.ts';
import { sharedBy } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import { formatAddress } from '../net/address.ts';
import { declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/** A packet to an address that two running pods have: which of them gets it, no object says. */
export function atSharedAddress({ cluster }: Context, path: FlowPath): FlowPath {
  const { destination } = path.forward.packet;
  const pods = sharedBy(cluster, destination);
  const [first] = pods;
  if (first === undefined) return path;
  const facts = { why: 'address-twice', address: formatAddress(destination), pods: pods.map(key) } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.locus) };
  return { ...undecided(path, failure, 'forward'), ack: null, data: null };
}
