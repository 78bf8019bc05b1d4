import type { DriftDocument } from '../document/drift-schema.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { checkNamespace } from '../matrix/namespace.ts';
import { type MatrixRequest, resolveMatrix } from '../matrix/request.ts';
import { fail, type Parsed } from '../query/result.ts';
import { didYouMean } from '../source/suggest.ts';
import { driftDocument } from './document.ts';
import { driftOf } from './drift.ts';
import { expectedFlows, type Flow, ofSize, pairedFlows } from './flows.ts';

/** The question of a drift. */
export interface DriftRequest {
  /** The node whose found state counts; null: all nodes. */
  readonly node: string | null;
  /** The ends of the flows, where expectations are not asked. */
  readonly pairs: MatrixRequest;
  /** True: only what the input expects; false: pairs, whatever it expects; null: what it expects, if it expects anything. */
  readonly expectations: boolean | null;
  /** The size of a data packet in bytes. Undefined: none is sent. */
  readonly size?: number;
  /** Asks any number of flows. */
  readonly force: boolean;
}

/** The most flows without `force`. */
const MOST_FLOWS = 200_000;

/** Compares the found state of nodes with the compiled one, by its effect on flows. */
export function findDrift(network: Network, request: DriftRequest): Parsed<DriftDocument> {
  const nodes = nodesOf(network, request.node);
  if (!nodes.ok) return nodes;
  const asked = flowsOf(network, request, new Set(nodes.value));
  if (!asked.ok) return asked;
  const { by, left } = asked.value;
  const { size = null } = request;
  const flows = size === null ? asked.value.flows : asked.value.flows.map((flow) => ofSize(flow, size));
  const isOn = (node: string) => nodes.value.includes(node);
  return {
    ok: true,
    value: driftDocument(driftOf(network, flows, isOn), { nodes: nodes.value, by, notAsked: left, size }, request.node, network.cluster),
  };
}

/** The nodes on which something was found, or the one that is asked about. */
function nodesOf({ cluster }: Network, name: string | null): Parsed<readonly string[]> {
  const found = [...cluster.nodes.values()].flatMap((node) => (node.found === null ? [] : [node.name]));
  const collect = 'k8s-trace collect --print prints the commands that show it; then --node-state DIR';
  if (name !== null && !cluster.nodes.has(name)) {
    const names = [...cluster.nodes.keys()];
    return fail(`there is no node ${name}`, didYouMean(name, names) ?? `nodes: ${names.join(', ')}`);
  }
  if (cluster.oneMachine !== null)
    return fail('there are no objects that say what should be on this machine', '-f FILE: the objects of its cluster, or a Topology');
  if (found.length === 0) return fail('nothing was found on any node: drift needs the state of nodes', collect);
  if (name !== null && !found.includes(name))
    return fail(`nothing was found on ${name}: drift needs its state`, `there is some of ${found.join(', ')}; ${collect}`);
  return { ok: true, value: name === null ? found : [name] };
}

interface Asked {
  readonly flows: readonly Flow[];
  readonly by: 'expectations' | 'pairs';
  readonly left: number;
}

function flowsOf(network: Network, { pairs, expectations, force }: DriftRequest, nodes: ReadonlySet<string>): Parsed<Asked> {
  const isNamed = pairs.from.length + pairs.to.length + pairs.ports.length > 0 || pairs.protocol !== null;
  const isExpected = expectations ?? (network.cluster.expectations.length > 0 && !isNamed);
  if (isExpected) {
    const { flows, left } = expectedFlows(network, pairs.namespace);
    if (flows.length > 0) return { ok: true, value: { flows, by: 'expectations', left } };
    return fail(
      'the input expects nothing that can be asked',
      'without --expectations, all pairs are asked; or add expect: [ { from: pod-a, to: pod-d } ]',
    );
  }
  const namespace = checkNamespace(pairs, [network.cluster]);
  if (!namespace.ok) return namespace;
  const to = pairs.to.length > 0 ? pairs.to : ['workloads', 'services', 'nodes', 'internet'];
  const question = resolveMatrix(network.cluster, { ...pairs, to: known(network, pairs, to), pods: true });
  if (!question.ok) return question;
  const flows: Flow[] = [];
  for (const flow of pairedFlows(network, question.value, (node) => nodes.has(node))) {
    if (flows.length === MOST_FLOWS && !force)
      return fail(
        `these are more than ${MOST_FLOWS.toLocaleString('en-US')} flows`,
        'fewer: a NODE, --from or --to namespace/NAME, or a selector; all the same: --force',
      );
    flows.push(flow);
  }
  if (flows.length === 0) return fail('no flow touches these nodes', 'ask about others: --from, --to, --protocol and --family');
  return { ok: true, value: { flows, by: 'pairs', left: 0 } };
}

/** Default words for the destination, without those that the cluster has nothing of. */
const known = (network: Network, pairs: MatrixRequest, to: readonly string[]): readonly string[] =>
  pairs.to.length > 0 ? to : to.filter((word) => resolveMatrix(network.cluster, { ...pairs, from: [], to: [word] }).ok);
