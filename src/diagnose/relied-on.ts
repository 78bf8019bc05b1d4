import { type Hop, isNatHop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Fact, FactName } from '../k8s/fact.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { walksOf } from './walks.ts';

/** What an answer took from things that no object states: only what its packets met, the weightiest first. */
export function reliedOn({ cluster, question }: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  if (cluster.facts.length === 0) return [];
  const hops = paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops));
  const met: Readonly<Partial<Record<FactName, boolean>>> = {
    segments: hops.some(isBetweenNodes),
    'kubeProxy.mode': hops.some((h) => isNatHop(h) && h.role === 'node' && h.action === 'dnat'),
    clusterDomain: question.resolution !== null,
    clusterDNS: question.resolution !== null,
    mtu: question.size !== null,
    nodeMTU: question.size !== null && hops.some(isBetweenNodes),
  };
  const facts = cluster.facts.filter((f) => met[f.fact] === true && f.node === null && f.confidence === 'assumed');
  return [...standIns(cluster, hops), ...facts.map(ofFact)];
}

const isBetweenNodes = (hop: Hop): boolean => hop.kind === 'underlay';

function standIns({ standIns: made, gateway }: Cluster, hops: readonly Hop[]): readonly Assumption[] {
  const { redacted, pods, workloads, nodes, nodeAddresses, gateway: isMade } = made;
  const all: string[] = [];
  if (redacted !== null)
    all.push(`addresses in the input are redacted (${redacted}): those shown stand in for them; names, selectors and ports are real`);
  if (nodes > 0)
    all.push(
      `the input is of a cluster that does not run: ${pods === 0 ? 'its pods are' : `${pods} pods of ${workloads} workloads are`} taken to run on ${nodes} nodes, with addresses that are made up`,
    );
  if (nodeAddresses > 0 && hops.some((h) => h.role === 'node'))
    all.push(
      `the input does not have the address of ${nodeAddresses === 1 ? 'a node' : `${nodeAddresses} nodes`}: others stand in; kubectl get nodes -o json would tell`,
    );
  if (isMade && gateway !== null && hops.some((h) => h.role === 'gateway'))
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
