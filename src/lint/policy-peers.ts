import type { Cluster } from '../k8s/cluster.ts';
import { labelSelectorMatches, labelSelectorText } from '../k8s/label-selector.ts';
import { areNamespaceLabelsKnown, namespaceLabels } from '../k8s/namespace.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Policy, PolicyPeer, PolicyRule } from '../k8s/policy/policy.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** The peers of policies: those that are nobody, and those that are others than they seem. */
export const policyPeers: Lint = (cluster, _datapath, report) => {
  const podsIn = new Map<string, Pod[]>();
  for (const pod of cluster.pods.values()) {
    const pods = podsIn.get(pod.namespace);
    if (pods === undefined) podsIn.set(pod.namespace, [pod]);
    else pods.push(pod);
  }
  const namespaces = new Set([...cluster.namespaces.keys(), ...podsIn.keys()]);
  const known = {
    cluster,
    podsIn,
    namespaces: [...namespaces],
    isKnown: [...namespaces].every((n) => areNamespaceLabelsKnown(cluster, n)),
  };
  for (const policy of cluster.policies)
    for (const rules of [policy.ingress, policy.egress]) {
      for (const rule of rules ?? []) checkRule(known, policy, rule, report);
      if (policy.kind === 'NetworkPolicy') allowedAgain(rules ?? [], report);
    }
};

interface Known {
  readonly cluster: Cluster;
  readonly podsIn: ReadonlyMap<string, readonly Pod[]>;
  readonly namespaces: readonly string[];
  /** Are the labels of all of them? */
  readonly isKnown: boolean;
}

type PodsPeer = Extract<PolicyPeer, { kind: 'pods' }>;

function checkRule(known: Known, policy: Policy, { peers, locus }: PolicyRule, report: ReportFinding): void {
  const found = (peers ?? []).map((peer) => (peer.kind === 'pods' ? saying(known, policy, peer, peers ?? []) : null));
  const empty = (peers ?? []).filter((peer) => peer.kind === 'pods' && podsOf(known, policy, peer).length === 0);
  for (const finding of found) if (finding !== null) report(...finding);
  if (empty.length === 0 || empty.length < (peers ?? []).length || found.some((f) => f !== null) || !known.isKnown) return;
  const texts = empty.flatMap((peer) => (peer.kind === 'pods' ? [labelSelectorText(peer.pods)] : []));
  report(
    locus,
    'policy-rule-matches-nothing',
    `no pod of the input is a peer of this rule: none that is meant has ${[...new Set(texts)].join(', or ')}`,
    'look at the labels of the pods that are meant: kubectl get pods -A --show-labels',
  );
}

/** Why a peer is nobody, where that can be told. */
function saying(known: Known, policy: Policy, peer: PodsPeer, peers: readonly PolicyPeer[]): Parameters<ReportFinding> | null {
  const { namespaces, pods, locus } = peer;
  if (namespaces !== null) {
    const isThere = !known.isKnown || known.namespaces.some((n) => labelSelectorMatches(namespaces, namespaceLabels(known.cluster, n)));
    if (isThere) return null;
    return [
      locus,
      'namespace-selector-matches-nothing',
      `no namespace has ${labelSelectorText(namespaces)}`,
      `every namespace has the label kubernetes.io/metadata.name; namespaces here: ${some(known.namespaces)}`,
    ];
  }
  if (podsOf(known, policy, peer).length > 0) return null;
  const elsewhere = [...known.cluster.pods.values()].filter((pod) => labelSelectorMatches(pods, pod.labels));
  const [first] = elsewhere;
  if (first === undefined) return null;
  const where = some([...new Set(elsewhere.map((p) => p.namespace))]);
  const sibling = peers.find(
    (p) => p.kind === 'pods' && p.namespaces !== null && selectsAll(p) && podsOf(known, policy, p).includes(first),
  );
  const words = `podSelector ${labelSelectorText(pods)} is about pods of namespace ${policy.namespace}, which has none; there are some in ${where}`;
  if (sibling !== undefined)
    return [
      locus,
      'peers-are-alternatives',
      `${words}, and they are let in as all pods of that namespace are: two items of a list are two peers, of which one is enough`,
      'for pods with these labels in those namespaces write both selectors in one item, without a dash before the second',
    ];
  return [
    locus,
    'peer-in-another-namespace',
    words,
    `add to it namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${first.namespace} } }`,
  ];
}

const selectsAll = ({ pods }: PodsPeer): boolean => pods.matchLabels.size === 0 && pods.matchExpressions.length === 0;

function podsOf({ cluster, podsIn }: Known, policy: Policy, { namespaces, pods }: PodsPeer): readonly Pod[] {
  const meant =
    namespaces === null
      ? [policy.namespace ?? '']
      : [...podsIn.keys()].filter((name) => labelSelectorMatches(namespaces, namespaceLabels(cluster, name)));
  return meant.flatMap((name) => (podsIn.get(name) ?? []).filter((pod) => labelSelectorMatches(pods, pod.labels)));
}

type Networks = Extract<PolicyPeer, { kind: 'networks' }>;

/** `except` narrows its own item alone. */
function allowedAgain(rules: readonly PolicyRule[], report: ReportFinding): void {
  const blocks = rules.flatMap((rule) => (rule.peers ?? []).flatMap((peer) => (peer.kind === 'networks' ? [{ rule, peer }] : [])));
  for (const { rule, peer } of blocks)
    for (const except of peer.except) {
      const again = blocks.find((b) => b.peer !== peer && sharesPorts(b.rule, rule) && holds(b.peer, except));
      if (again === undefined) continue;
      report(
        peer.locus,
        'except-allowed-again',
        `${formatPrefix(except)} is left out here, and let through by another item: ${again.peer.cidrs.map(formatPrefix).join(', ')}`,
        'leave it out there, too: what any item lets through passes',
      );
    }
}

const holds = ({ cidrs, except }: Networks, prefix: Prefix): boolean =>
  cidrs.some((c) => isWithin(prefix, c)) && !except.some((e) => isWithin(prefix, e) || isWithin(e, prefix));

const isWithin = (inner: Prefix, outer: Prefix): boolean =>
  typeof inner.address === typeof outer.address && inner.length >= outer.length && contains(outer, inner.address);

/** Only what both leave open for the same ports is let through again: of rules that are alike in them, or have none. */
const sharesPorts = (a: PolicyRule, b: PolicyRule): boolean => a.ports === null || portsText(a) === portsText(b);

const portsText = ({ ports }: PolicyRule): string => JSON.stringify(ports?.map(({ protocol, port }) => [protocol, port]) ?? null);
