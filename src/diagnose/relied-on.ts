import { MET, metOn } from '../hop/met.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Fact, FactName } from '../k8s/fact.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { walksOf } from './walks.ts';

/** The facts that an answer depends on and that no object states: only those that its packets met, the weightiest first. */
export const reliedOn = (context: Context, paths: readonly FlowPath[]): readonly Assumption[] =>
  context.cluster.facts.length === 0 ? [] : reliedOnBy(context, metBy(paths));

/** `met`: what the packets met, as bits (`hop/met.ts`). */
export function reliedOnBy({ cluster, question }: Context, met: number): readonly Assumption[] {
  if (cluster.facts.length === 0) return [];
  const asked: Readonly<Partial<Record<FactName, boolean>>> = {
    segments: (met & MET.underlay) !== 0,
    'kubeProxy.mode': (met & MET.nodeDnat) !== 0,
    clusterDomain: question.resolution !== null,
    clusterDNS: question.resolution !== null,
    mtu: question.size !== null,
    nodeMTU: question.size !== null && (met & MET.underlay) !== 0,
  };
  const facts = cluster.facts.filter((f) => asked[f.fact] === true && f.node === null && f.confidence === 'assumed');
  return [...standIns(cluster, met), ...facts.map(ofFact)];
}

export const metBy = (paths: readonly FlowPath[]): number =>
  paths.reduce((met, path) => walksOf(path).reduce((all, { walk }) => all | metOn(walk.hops), met), 0);

function standIns({ standIns: made, gateway }: Cluster, met: number): readonly Assumption[] {
  const { redacted, pods, workloads, nodes, nodeAddresses, gateway: isMade } = made;
  const all: string[] = [];
  if (redacted !== null)
    all.push(`addresses in the input are redacted (${redacted}): those shown stand in for them; names, selectors and ports are real`);
  if (nodes > 0)
    all.push(
      `the input is of a cluster that does not run: ${pods === 0 ? 'its pods are' : `${pods} pods of ${workloads} workloads are`} taken to run on ${nodes} nodes, with addresses that are made up`,
    );
  if (nodeAddresses > 0 && (met & MET.node) !== 0)
    all.push(
      `the input does not have the address of ${nodeAddresses === 1 ? 'a node' : `${nodeAddresses} nodes`}: others stand in; kubectl get nodes -o json would tell`,
    );
  if (isMade && gateway !== null && (met & MET.gateway) !== 0)
    all.push(
      'a gateway to the internet is taken to be there, which hands on as it is: no object tells of the real one, nor whether it translates',
    );
  return all.map((message) => ({ message, locus: null }));
}

const WORDS: Readonly<Partial<Record<FactName, string>>> = {
  segments: 'the network between the nodes',
  'kubeProxy.mode': "kube-proxy's mode",
  clusterDomain: "the zone of the cluster's names",
  clusterDNS: 'the DNS servers of the pods',
  mtu: "the MTU of the pods' devices",
  nodeMTU: "the MTU of the nodes' NICs",
};

function ofFact({ fact, value, text, command, flag, source }: Fact): Assumption {
  const shown = Array.isArray(value) ? value.join(', ') : String(value);
  const tell = command === null ? '' : `; ${command} would tell${flag === null ? '' : `, and ${flag} states it`}`;
  return { message: `${WORDS[fact] ?? fact} is taken to be ${shown} (${text})${tell}`, locus: source?.locus ?? null };
}
