import type { Refused } from './ask.ts';
import type { MatrixResult } from './document/matrix-schema.ts';
import type { PolicyDocument } from './document/policy-schema.ts';
import { whatIfOf } from './document/what-if.ts';
import type { Network } from './k8s/compiled-network.ts';
import type { MatrixRequest } from './matrix/request.ts';
import { rowsOfShard, type Shard } from './matrix/shard.ts';

/** What policies let reach a pod, and what they let it reach, as a document; loaded only by `policy`. */
export async function policyOf(
  { cluster }: Network,
  name: string,
  namespace: string,
): Promise<{ readonly ok: true; readonly document: PolicyDocument; readonly note: string | null } | ({ readonly ok: false } & Refused)> {
  const [{ findPolicyPod }, { podReach }, { podPolicyDocument }] = await Promise.all([
    import('./query/policy-pod.ts'),
    import('./reach/index.ts'),
    import('./document/pod-policy.ts'),
  ]);
  const found = findPolicyPod(cluster, name, namespace);
  if (!found.ok) return found;
  return { ok: true, document: { ...podPolicyDocument(podReach(cluster, found.value.pod)), ...whatIfOf(cluster) }, note: found.value.note };
}

/** A matrix that can be made: how large it is, and what makes it. */
export interface MatrixReady {
  readonly rows: number;
  readonly columns: number;
  /** Connections are made as they are asked for, once. */
  /** `shard`: of a part of the rows only. */
  make(progress?: (done: number, all: number) => void, shard?: Shard): MatrixResult;
}

/** Who reaches whom; loaded only by `matrix`. */
export async function matrixOf(
  network: Network,
  request: MatrixRequest,
): Promise<({ readonly ok: true } & MatrixReady) | ({ readonly ok: false } & Refused)> {
  const [{ checkNamespace }, { resolveMatrix }, { matrixOf: make }, { matrixDocument }] = await Promise.all([
    import('./matrix/namespace.ts'),
    import('./matrix/request.ts'),
    import('./matrix/engine.ts'),
    import('./document/matrix.ts'),
  ]);
  const namespace = checkNamespace(request, [network.cluster]);
  if (!namespace.ok) return namespace;
  const question = resolveMatrix(network.cluster, request);
  if (!question.ok) return question;
  const { from, to } = question.value;
  return {
    ok: true,
    rows: from.length,
    columns: to.length,
    make: (progress, shard) => {
      const matrix = make(network, question.value, progress);
      const some =
        shard === undefined
          ? matrix
          : { ...matrix, connections: make(network, { ...question.value, from: rowsOfShard(from, shard) }, progress).connections };
      return { ...matrixDocument(question.value, some), ...whatIfOf(network.cluster) };
    },
  };
}
