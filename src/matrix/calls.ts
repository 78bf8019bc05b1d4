import type { Cluster } from '../k8s/cluster.ts';
import type { IpFamily } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Target } from '../query/target.ts';
import { callsTo } from './asked.ts';
import type { End, MatrixQuestion } from './question.ts';

/** Ports that are asked about together, by the first of them; of ICMP, which has none, `first` is null. */
export interface Asked {
  readonly protocol: Protocol;
  readonly first: number | null;
  readonly last: number | null;
}

export interface Calls {
  /** What is asked of an end. */
  of(end: End, family: IpFamily): readonly Asked[];
  /** The call that stands for it. */
  target(end: End, family: IpFamily, fromOutside: boolean, asked: Asked): Target | null;
}

export function callsOf(cluster: Cluster, question: MatrixQuestion): Calls {
  return {
    of: (end, family) =>
      callsTo(cluster, question, end, family, false).map(({ protocol, port }) => ({ protocol, first: port, last: port })),
    target(end, family, fromOutside, { protocol, first }) {
      const asking = { ports: [{ protocol, port: first }], protocol: null };
      return callsTo(cluster, asking, end, family, fromOutside)[0] ?? null;
    },
  };
}
