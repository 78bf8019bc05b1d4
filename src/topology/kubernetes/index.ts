import { type Cluster, NODE_PORTS } from '../../k8s/cluster.ts';
import type { Fact } from '../../k8s/fact.ts';
import type { HttpRouting, Unread } from '../../k8s/http/http-routing.ts';
import type { IpFamily } from '../../net/address.ts';
import { type Diagnostic, diagnosticAt, fileDiagnostic } from '../../source/diagnostic.ts';
import type { FindingCode } from '../../source/findings.ts';
import { type Locus, wholeDocument } from '../../source/origin.ts';
import { type Stated, withStated } from '../fact-flags.ts';
import { mergedProxy } from '../merge-proxy.ts';
import type { Told } from '../resolve/index.ts';
import type { ClusterInput, TopologyInput } from '../schema/topology.ts';
import type { Allotted } from './allotted.ts';
import { type Beside, mergeLists } from './beside.ts';
import { clusterWide, network, proxyGuessOf, underlayBeside } from './cluster-input.ts';
import { expand } from './expand.ts';
import { infer, type Note } from './infer/index.ts';
import { listsOf, rootOf } from './input/index.ts';
import { itemsOf } from './lists.ts';
import { nodeStandIns, rangeStandIn } from './node-stand-ins.ts';
import type { Objects } from './objects.ts';
import { readable } from './redacted.ts';
import { statementsOf } from './statements.ts';
import { toldCni } from './told-cni.ts';
import { toldNodes } from './told-nodes.ts';
import { foreignPods } from './two-clusters.ts';
import { notFollowed, unreadOf } from './unread.ts';
import { GET } from './wrong-form.ts';

/** What `resolve` reads: the input in a Topology's words, and where it stands. */
export interface Assembled {
  readonly input: TopologyInput;
  readonly root: Locus;
  readonly families: readonly IpFamily[];
  readonly facts: readonly Fact[];
  readonly told: Told;
  readonly standIns: Cluster['standIns'];
  /** What objects leave open about HTTP. */
  readonly http: Pick<HttpRouting, 'unread' | 'listed' | 'unseen'>;
}

/** Enough for a packet to leave a node. */
const USUAL_NODES = 2;

interface Options {
  readonly stated: Stated;
  readonly nodes: number | undefined;
  readonly allotted: Allotted;
}

/** Kubernetes objects, and a Topology beside them, in a Topology's words. Null, and reported: they have no machine for a packet to start at, or are of two clusters. */
export function assemble(
  given: Objects,
  beside: Beside | null,
  { stated: flags, nodes = USUAL_NODES, allotted }: Options,
  found: Diagnostic[],
): Assembled | null {
  const stated = withoutCniName(flags);
  const foreign = foreignPods(given);
  if (foreign !== null) {
    found.push(foreign);
    return null;
  }
  const { objects: shown, redacted } = readable(given);
  if (redacted !== null)
    found.push(
      noteFinding({
        kind: 'redacted',
        text: `addresses are redacted (${redacted.text}): others stand in for them`,
        source: { locus: redacted.locus, field: null },
      }),
    );
  const { first: firstNodePort } = stated.cluster.serviceNodePortRange ?? beside?.input.cluster?.serviceNodePortRange ?? NODE_PORTS;
  const expanded = expand(shown, nodes, firstNodePort, allotted);
  const { objects, assumedNodes } = expanded;
  const statements = [...stated.given, ...(beside === null ? [] : statementsOf(beside))];
  const known = infer(objects, statements);
  const made = nodeStandIns(known, assumedNodes);
  const standIns = [...made, ...rangeStandIn(known, assumedNodes)];
  const inference = standIns.length === 0 ? known : infer(objects, [...statements, ...standIns]);
  // Addresses that were made for want of real ones say nothing about the cluster.
  const { facts, notes } = redacted === null && assumedNodes.length === 0 ? known : infer(given, statements);
  for (const note of notes) if (note.kind !== 'redacted') found.push(noteFinding(note));
  const unread: Unread[] = [];
  const own = listsOf(
    objects,
    { assumedNodes, inferred: inference.nodes, podCidrs: inference.podCidrs },
    (object, why) => {
      found.push(notFollowed(object, why));
      unread.push(...[unreadOf(object, why)].filter((u) => u !== null));
    },
    found,
  );
  const lists = beside === null ? own : mergeLists(own, beside);
  const first = lists.nodes.places[0] ?? lists.pods.places[0];
  if (first === undefined || lists.nodes.items.length === 0) {
    found.push(nothingToTrace(objects));
    return null;
  }
  const around = network(inference, lists.nodes.items);
  const input: TopologyInput = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    ...itemsOf(lists),
    cluster: withStated(clusterBeside(clusterWide(inference), beside?.input.cluster), stated),
    underlay: underlayBeside(around.underlay, beside?.input.underlay, stated.segments !== null),
    internet: beside?.input.internet ?? around.internet,
    expect: beside?.input.expect,
  };
  const cni = toldCni(inference, input);
  const root = rootOf(beside?.locus ?? wholeDocument(first.document, 'Cluster'), lists);
  return {
    input: input.cluster.cni === undefined ? { ...input, nodes: toldNodes(input.nodes, inference, cni(), assumedNodes) } : input,
    root,
    families: inference.families,
    facts,
    told: { cni, proxyGuess: proxyGuessOf(inference), enforcer: inference.enforcer },
    standIns: {
      redacted: redacted?.text ?? null,
      ...expanded.made,
      nodes: assumedNodes.length,
      nodeAddresses: made.length,
      gateway: beside?.input.internet === undefined,
      segments: stated.segments === null && beside?.input.underlay?.segments === undefined,
    },
    http: { unread, listed: objects.listed, ...(objects.unseen === undefined ? {} : { unseen: objects.unseen }) },
  };
}

/** Whoever states one of kube-proxy's options has the others from the objects. A range that is stated as one is in the place of several. */
function clusterBeside({ podCIDRs, serviceCIDRs, ...own }: ClusterInput, beside: ClusterInput = {}): ClusterInput {
  return {
    ...own,
    ...(podCIDRs === undefined || beside.podCIDR !== undefined ? {} : { podCIDRs }),
    ...(serviceCIDRs === undefined || beside.serviceCIDR !== undefined ? {} : { serviceCIDRs }),
    ...beside,
    kubeProxy: mergedProxy(own.kubeProxy, beside.kubeProxy),
  };
}

/** A plugin's name is a fact like any other; a plugin with its options is configured as a Topology's is. */
function withoutCniName(stated: Stated): Stated {
  const { cni, ...others } = stated.cluster;
  const hasOptions = typeof cni === 'object' && (cni.plugin !== 'generic' || cni.mtu !== undefined);
  return hasOptions ? stated : { ...stated, cluster: others, given: stated.given.filter((g) => g.fact !== 'cni.mode') };
}

const NOTES: Readonly<Record<Note['kind'], { readonly code: FindingCode; readonly hint: string }>> = {
  disagreement: {
    code: 'facts-disagree',
    hint: 'state the right one: by a flag, or in a Topology beside the objects; k8s-trace show cluster lists them',
  },
  'nodes-differ': { code: 'nodes-differ', hint: 'nodes of several clusters? Otherwise it is traced as most nodes are' },
  unreadable: {
    code: 'unreadable-fact',
    hint: 'what it would tell is taken from elsewhere, or not known: k8s-trace show cluster says which',
  },
  redacted: { code: 'redacted', hint: 'ask by name; nothing has the address that is asked for' },
};

function noteFinding({ kind, text, source }: Note): Diagnostic {
  const words = { severity: 'note', ...NOTES[kind], message: text } as const;
  return source === null ? fileDiagnostic('', words) : diagnosticAt(source.locus.document, source.locus.path, words);
}

function nothingToTrace({ byKind }: Objects): Diagnostic {
  const kinds = Object.keys(byKind);
  const [first] = Object.values(byKind).flat();
  const words = {
    code: 'no-topology',
    message: `there is neither a pod nor a node here${kinds.length === 0 ? '' : `, only ${kinds.join(', ')}`}`,
    hint: `get them all: ${GET}`,
  } as const;
  return first === undefined ? fileDiagnostic('', words) : diagnosticAt(first.locus.document, [], words);
}
