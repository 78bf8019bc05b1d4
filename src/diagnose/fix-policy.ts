import type { PolicyCandidate, PolicyPacket } from '../datapath/policy-point.ts';
import { policyText } from '../hop/policy-names.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { key } from '../k8s/pod.ts';
import { type Opened, opened } from '../k8s/policy/opened.ts';
import { type Party, partyAt } from '../k8s/policy/party.ts';
import { type Policing, policingOf } from '../k8s/policy/policing.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import type { Protocol } from '../net/packet.ts';
import { judgedOf } from './at-policy.ts';
import { calledService } from './context.ts';
import { policyBeside } from './policy-beside.ts';
import { type Change, type Kept, morePeers, morePorts, moreRules, ruleBefore } from './policy-changes.ts';
import { labelsMissing } from './policy-labels.ts';
import { opensText } from './policy-opens.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

type Denied = 'POLICY_DEFAULT_DENY' | 'POLICY_EXPLICIT_DENY';

/**
 * The change of policies that lets the packet pass: each is tried on the policies, and of those that help, the one is advised that opens the least else,
 * of equals the smallest. What a policy says with the service's port instead of the pod's is mended as it is meant, and beside it stands what opens less.
 */
export const letThrough: Fixer<Denied> = (scene) => {
  const { facts } = scene;
  const policing = policingOf(scene.context.cluster);
  const kept = keptIn(scene, policing);
  if (policing === null || kept === null) return [seeIt(scene)];
  const candidates = candidatesOf(policing, kept);
  const tried = helping(
    policing,
    kept,
    'by' in facts ? administrators(kept, facts.by.rule ?? 0, facts.by.policy) : ofRules(candidates, kept),
  );
  const [best, ...others] = tried.length > 0 ? tried : helping(policing, kept, toAnybody(kept));
  if (best === undefined) return [seeIt(scene)];
  const other = others.find((o) => o.ways < best.ways);
  const fixes = [best, ...(other === undefined ? [] : [other])].map(({ change, words }, i) =>
    edited(`${i === 0 ? '' : 'or '}${change.words}${words}`, ...change.edits),
  );
  return [...fixes, ...labelsMissing(kept, candidates), ...unmasked(scene)];
};

function keptIn({ context: { cluster }, facts, path }: Scene<Denied>, policing: Policing | null): Kept | null {
  const pod = cluster.pods.get(facts.pod);
  if (pod === undefined || policing === null) return null;
  const { direction } = facts;
  const packet = judgedOf(cluster, facts, (path.forward.hops.find((h) => h.kind === 'socket')?.packet ?? path.forward.packet).source);
  return {
    cluster,
    direction,
    pod,
    packet,
    party: otherEnd(cluster, direction === 'ingress' ? packet.source : packet.destination, packet, direction === 'ingress'),
    selecting: policing.selecting(pod, direction) as readonly Policy[],
    isDns: direction === 'egress' && isLookUp(packet, path.forward.hops[0]?.packet.destinationPort),
  };
}

function otherEnd(cluster: Cluster, address: PolicyPacket['source'], { fromWorld }: PolicyPacket, isSource: boolean): Party {
  return fromWorld === true && isSource ? { kind: 'world', address } : partyAt(cluster, address, isSource && fromWorld === null);
}

const DNS = 53;
const isLookUp = ({ protocol, destinationPort }: PolicyPacket, called: number | undefined): boolean =>
  protocol === 'udp' && (called === DNS || destinationPort === DNS);

/** So many rules of each kind are tried. */
const MOST_RULES = 40;

/** The rules that could have let it pass, as the place of the policies has them. */
const candidatesOf = (policing: Policing, { pod, direction, packet }: Kept): readonly PolicyCandidate[] =>
  policing.decide(pod, direction, packet).candidates;

function ofRules(candidates: readonly PolicyCandidate[], kept: Kept): readonly Change[] {
  const isolating = kept.selecting.filter((p) => p.kind === 'NetworkPolicy');
  const rules = candidates.filter(({ policy }) => policy.kind === 'NetworkPolicy');
  const [first] = isolating;
  return [
    ...rules
      .filter((c) => c.failed === 'port' || c.failed === 'protocol')
      .slice(0, MOST_RULES)
      .flatMap((c) => morePorts(kept, c)),
    ...rules
      .filter((c) => c.failed === 'peer' || c.failed === 'family')
      .slice(0, MOST_RULES)
      .flatMap((c) => morePeers(kept, c)),
    ...isolating.slice(0, MOST_RULES).flatMap((p) => moreRules(kept, p, false)),
    ...(first === undefined ? [] : policyBeside(kept, first)),
  ];
}

/** Changes for an other end that no peer can name, as a node with Cilium. */
const toAnybody = (kept: Kept): readonly Change[] =>
  kept.selecting.filter((p) => p.kind === 'NetworkPolicy').flatMap((p) => moreRules(kept, p, true));

/** Changes of an administrator's policy: the packet is passed on to the namespaces' policies, and allowed only where these deny it. */
function administrators(kept: Kept, rule: number, ref: { readonly name: string; readonly kind: string }): readonly Change[] {
  const policy = kept.selecting.find((p) => p.kind === ref.kind && p.name === ref.name);
  if (policy === undefined) return [];
  return [...ruleBefore(kept, policy, rule, 'pass'), ...ruleBefore(kept, policy, rule, 'allow')];
}

interface Helping {
  readonly change: Change;
  /** How many it opens besides. */
  readonly ways: number;
  /** The lightest is the first to be advised. */
  readonly weight: number;
  readonly words: string;
}

function helping(policing: Policing, kept: Kept, changes: readonly Change[]): readonly Helping[] {
  return changes
    .filter((change) => letsPass(policing, kept, change))
    .map((change) => {
      const now = openedBy(policing, kept, change);
      const peer = kept.party.kind === 'pods' ? key(kept.party.pods[0] ?? kept.pod) : nameOfOther(kept.party);
      const pod = key(kept.pod);
      const { protocol, destinationPort } = kept.packet;
      const isAsked = (w: Opened['ways'][number]) =>
        w.pod === pod && w.peer === peer && w.port === destinationPort && (w.protocol === protocol || kept.isDns);
      const besides = { ...now, ways: now.ways.filter((w) => !isAsked(w)) };
      const ways = besides.ways.length;
      const weight = change.isMeant === true ? -1 : ways + (change.opensAllPorts === true ? 0.5 : 0);
      const all = change.opensAllPorts === true ? ', on all ports, as the rule lists none' : '';
      return { change, ways, weight, words: all + opensText(besides, kept.direction, pod, peer) + inNodesName(kept) };
    })
    .sort((a, b) => a.weight - b.weight);
}

/** The note that other senders with the node's address are allowed as well. */
const inNodesName = ({ party, direction }: Kept): string =>
  party.kind === 'node' && direction === 'ingress'
    ? '; all that the node sends in its name comes in so: its own pods, and what it masquerades'
    : '';

const nameOfOther = (party: Party): string => (party.kind === 'node' && party.node !== null ? `node/${party.node.name}` : '');

const after = (policies: readonly Policy[], { from, to }: Change): readonly Policy[] =>
  from === null ? [...policies, to] : policies.map((p) => (p === from ? to : p));

/** Only what is about the pod is read again. */
function letsPass(policing: Policing, kept: Kept, change: Change): boolean {
  const { verdict } = policing.instead(after(kept.selecting, change)).decide(kept.pod, kept.direction, kept.packet);
  return verdict === 'allow' || verdict === 'none';
}

function openedBy(policing: Policing, kept: Kept, change: Change): Opened {
  const { cluster, direction } = kept;
  const policies = after(cluster.policies, change);
  const now = policing.instead(policies);
  const subjects = [...cluster.pods.values()].filter(
    (pod) => (change.to.namespace === null || pod.namespace === change.to.namespace) && now.selecting(pod, direction).includes(change.to),
  );
  return opened(cluster, policing.instead(cluster.policies), now, { direction, subjects, ports: portsOf(kept, change) });
}

/** The ports of the rule that is changed, a few of them, and the one that was asked for. */
function portsOf({ direction, packet }: Kept, { from, to }: Change) {
  const { protocol, destinationPort: port } = packet;
  const before = new Set(from?.[direction] ?? []);
  const numbers = (to[direction] ?? [])
    .filter((rule) => !before.has(rule))
    .flatMap((rule) => rule.ports ?? [])
    .flatMap((p) => (p.port !== null && 'first' in p.port ? [{ protocol: p.protocol ?? protocol, port: p.port.first }] : []));
  const all: readonly { protocol: Protocol; port: number | null }[] = [{ protocol, port }, ...numbers];
  const few = all.filter((p, i) => all.findIndex((o) => o.port === p.port && o.protocol === p.protocol) === i).slice(0, 5);
  return few;
}

/** The client's own address, which a node has replaced on the way in. */
function unmasked({ context: { cluster }, facts, path }: Scene<Denied>): readonly Fix[] {
  const { source } = path.forward.hops[0]?.packet ?? path.forward.packet;
  const isReplaced = facts.direction === 'ingress' && facts.packet.source !== source;
  const service = path.forward.hops.map((hop) => calledService(cluster, hop.packet)?.service).find((s) => s !== undefined);
  if (!isReplaced || service === undefined || service.externalTrafficPolicy !== 'Cluster') return [];
  return [
    advised(
      'choice',
      `or keep the client's own address, which the policies may name: externalTrafficPolicy: Local on service ${key(service)} (${place(service.locus)})`,
    ),
  ];
}

/** The policy that decided is to be looked at. */
function seeIt({ facts, origin }: Scene<Denied>): Fix {
  const policy = 'by' in facts ? facts.by.policy : facts.selected[0];
  const { direction, pod } = facts;
  const rule = direction === 'ingress' ? 'an ingress rule that lets its sender into' : 'an egress rule that lets this out of';
  const how = 'by' in facts ? 'have the administrators change the rule that denies it' : `add ${rule} ${pod}`;
  const where = policy === undefined ? '' : `: ${policyText(policy)}${origin.locus === null ? '' : ` (${place(origin.locus)})`}`;
  return advised('elsewhere', `${how}${where}`);
}
