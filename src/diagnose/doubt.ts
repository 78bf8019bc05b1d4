import type { Code } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import type { Hop } from '../hop/hop.ts';
import type { RuleStep } from '../hop/rule-step.ts';
import { isPodAddress } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { areRulesFound, isWayFound } from '../k8s/found-on.ts';
import type { Guess } from '../k8s/guess.ts';
import { UNKNOWN_MODE } from '../k8s/guessed-proxy.ts';
import { packetFamily } from '../net/packet.ts';
import { assumed } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import type { Context } from './context.ts';
import type { Ended } from './scene.ts';
import { undecided } from './undecided.ts';
import { walksOf } from './walks.ts';

/**
 * Where the input does not say how a CNI plugin or kube-proxy works, a guess stands in for it (`Guess`). A hop that depends on the guess is
 * assumed, and a failure that does is not known: the outcome is undetermined.
 */
export function doubted({ cluster }: Context, path: FlowPath): FlowPath {
  if (cluster.cni.guess === null && cluster.kubeProxy.guess === null) return path;
  const guesses = path.failure === null ? [] : guessesBehind(cluster, path, path.failure);
  const known = guesses.length === 0 || path.failure === null ? path : undecided(path, missing(path.failure, guesses), path.failure.walk);
  const rules = proxyRules(known);
  const marked = (walk: Walk): Walk => ({
    ...walk,
    hops: walk.hops.map((h) => (guessesAt(cluster, rules, h).length === 0 ? h : { ...h, origin: assumed(h.origin.locus) })),
  });
  const { forward, reply, ack, data } = known;
  return {
    ...known,
    forward: marked(forward),
    reply: reply === null ? null : marked(reply),
    ack: ack === null ? null : marked(ack),
    data: data === null ? null : marked(data),
  };
}

/** The guesses that a path's hops, or its failure, hang on. */
export function guessesOn({ cluster }: Context, path: FlowPath): readonly Guess[] {
  if (cluster.cni.guess === null && cluster.kubeProxy.guess === null) return [];
  const rules = proxyRules(path);
  const found = walksOf(path).flatMap(({ walk }) => walk.hops.flatMap((h) => guessesAt(cluster, rules, h)));
  const facts = path.failure?.code === 'FACT_MISSING' ? path.failure.facts : null;
  const behind = facts !== null && 'why' in facts && facts.why === 'guess' ? facts.guesses.map((g) => g.name) : [];
  const missed = [cluster.cni.guess, cluster.kubeProxy.guess].filter((g) => g !== null).filter((g) => behind.includes(g.name));
  return [...new Set([...found, ...missed])];
}

type ProxyRules = ReadonlySet<RuleStep['rule']>;

function guessesAt(cluster: Cluster, rules: ProxyRules, hop: Hop): readonly Guess[] {
  const { cni, kubeProxy } = cluster;
  return [
    ...(cni.guess !== null && hop.role !== 'pod' && carriesPod(cluster, hop) && !isKnown(cluster, hop, 'way') ? [cni.guess] : []),
    ...(kubeProxy.guess !== null && isProxys(hop, rules) && !isKnown(cluster, hop, 'services') ? [kubeProxy.guess] : []),
  ];
}

/** Was it found on the hop's node what is guessed elsewhere? What does services in another way than kube-proxy may do so beside the rules. */
function isKnown({ nodes, kubeProxy }: Cluster, { netns, packet }: Hop, what: 'way' | 'services'): boolean {
  const node = nodes.get(netns);
  if (node === undefined) return false;
  const family = packetFamily(packet);
  return what === 'way' ? isWayFound(node, family) : kubeProxy.guess?.name === UNKNOWN_MODE && areRulesFound(node, family);
}

/** Between the host's end of a pod's veth and that of another one, or whatever else the pod's own address is on its way to or from. */
const carriesPod = (cluster: Cluster, { packet }: Hop): boolean =>
  isPodAddress(cluster, packet.source) || isPodAddress(cluster, packet.destination);

/** Translated or stopped by one of kube-proxy's rules, now or when the connection began. */
function isProxys(hop: Hop, rules: ProxyRules): boolean {
  if (hop.role !== 'node') return false;
  if (hop.kind === 'nat') return hop.rule !== null && rules.has(hop.rule);
  return hop.kind === 'filter' && hop.verdict !== 'ACCEPT' && hop.steps.some(isOfProxy);
}

const isOfProxy = ({ chain, rule: { syntax, target } }: RuleStep): boolean =>
  syntax === 'ipvs' || chain.startsWith('KUBE-') || (target?.kind === 'jump' && target.chain.startsWith('KUBE-'));

const proxyRules = (path: FlowPath): ProxyRules =>
  new Set(
    walksOf(path).flatMap(({ walk }) =>
      walk.hops.flatMap((h) => (h.kind === 'nat' && h.steps.some(isOfProxy) && h.rule !== null ? [h.rule] : [])),
    ),
  );

/** Faults of the input itself, wherever the packet ends: no plugin and no mode of kube-proxy makes them good. */
const SURE: ReadonlySet<Code> = new Set<Code>([
  'NO_SUCH_PORT',
  'PROXY_NOT_RUNNING',
  'POLICY_DEFAULT_DENY',
  'POLICY_EXPLICIT_DENY',
  'LEAVES_INPUT',
  'FACT_MISSING',
]);

/** Decided by endpoints and sockets, and not by the way to them. */
const AT_THE_END: ReadonlySet<Code> = new Set<Code>([
  'NO_ENDPOINTS',
  'NO_READY_ENDPOINTS',
  'TARGET_PORT_UNRESOLVED',
  'NO_LOCAL_ENDPOINTS',
  'SOURCE_RANGE_DENIED',
  'NOBODY_LISTENS',
  'LISTENS_ON_LOOPBACK',
]);

/** No service has the address, whatever becomes of the packet. */
const isUnserved = (failure: Ended): boolean =>
  (failure.code === 'NO_ROUTE' && failure.facts.why === 'no-service') ||
  (failure.code === 'FILTER_DROP' && failure.facts.unserved !== undefined);

/** The guesses that a failure hangs on: none, when it would be one whatever the real ones do. */
function guessesBehind(cluster: Cluster, path: FlowPath, failure: Ended): readonly Guess[] {
  if (SURE.has(failure.code) || isUnserved(failure)) return [];
  const walks = walksOf(path);
  const last = walks.findIndex((w) => w.name === failure.walk);
  const hops = walks.slice(0, last + 1).flatMap(({ walk }) => walk.hops);
  const byCni =
    cluster.cni.guess !== null &&
    hangsOnCni(
      cluster,
      hops.filter((h) => !isKnown(cluster, h, 'way')),
      failure,
    )
      ? [cluster.cni.guess]
      : [];
  const byProxy = cluster.kubeProxy.guess !== null && hangsOnProxy(cluster, hops, failure) ? [cluster.kubeProxy.guess] : [];
  return [...byCni, ...byProxy];
}

/** A pod's packet has left its machine; or it ended on the machine itself, by what the plugin would have set up there. */
function hangsOnCni(cluster: Cluster, hops: readonly Hop[], failure: Ended): boolean {
  if (hops.some((h) => h.kind === 'interface' && h.link.kind === 'nic' && carriesPod(cluster, h))) return true;
  if (failure.code === 'MTU_EXCEEDED') return hops.some((h) => h.role === 'pod' || carriesPod(cluster, h));
  const end = hops.at(-1);
  return end !== undefined && !isBefore(end) && carriesPod(cluster, end) && !AT_THE_END.has(failure.code);
}

/** Is the hop in a pod or on the internet? No plugin writes routes there, and none leads to a private address. */
const isBefore = ({ role }: Hop): boolean => role === 'pod' || role === 'outside';

/** After a translation, or by a decision of the mode's own, where its rules were not found. Endpoints that are not there are there in no mode. */
function hangsOnProxy(cluster: Cluster, hops: readonly Hop[], failure: Ended): boolean {
  const guessed = hops.filter((h) => !isKnown(cluster, h, 'services'));
  const end = hops.findLast((h) => h.role === 'node');
  const isItsOwn =
    failure.code === 'NO_LOCAL_ENDPOINTS' ||
    failure.code === 'SOURCE_RANGE_DENIED' ||
    (failure.code === 'NOBODY_LISTENS' && failure.facts.why === 'node-port');
  if (isItsOwn && (end === undefined || guessed.includes(end))) return true;
  return guessed.some((h) => h.kind === 'nat' && h.role === 'node' && h.steps.some(isOfProxy));
}

function missing({ walk, ...first }: Ended, guesses: readonly Guess[]): Failure<'FACT_MISSING'> {
  return { code: 'FACT_MISSING', facts: { why: 'guess', guesses, first }, origin: first.origin };
}

/** Does a failure hang on what is not known? Of one that may not be there nothing is said. */
export const isDoubtful = ({ cluster }: Context, path: FlowPath, failure: Ended): boolean =>
  guessesBehind(cluster, path, failure).length > 0;
