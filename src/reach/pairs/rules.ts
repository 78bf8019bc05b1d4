import type { Cluster } from '../../k8s/cluster.ts';
import type { Enforcer } from '../../k8s/policy/enforcer.ts';
import { namespaceLabelled } from '../../k8s/policy/labelled.ts';
import { type PeerContext, peerFit } from '../../k8s/policy/peer-fit.ts';
import type { Policy, PolicyPeer, PolicyRule } from '../../k8s/policy/policy.ts';
import { contains, formatPrefix } from '../../net/prefix.ts';
import { bothFit, eitherFits, everybody, type Fits, nobody, putFit } from './fits.ts';
import { podSelectors } from './labels.ts';
import { once } from './once.ts';
import type { Peers } from './peers.ts';

type Peer<K extends PolicyPeer['kind']> = Extract<PolicyPeer, { kind: K }>;

/** The peers that a rule names, as one enforcer reads it: `peerFit`, of all of them at once. */
export function rulePeers(
  cluster: Cluster,
  peers: Peers,
  enforcer: Pick<Enforcer, 'name' | 'networksMatch'>,
): (policy: Policy, rule: PolicyRule) => Fits {
  const { all } = peers;
  const namespace = once(
    (name: string) => name,
    (name) => namespaceLabelled(cluster, name),
  );
  const context: PeerContext = { labels: cluster, namespace, enforcer };
  const selectors = podSelectors(all, cluster, namespace);
  const oneByOne = (peer: PolicyPeer, own: string | null, isAsked: (n: number) => boolean): Fits => {
    const found = nobody(all.length);
    for (const [n, { party }] of all.entries()) if (isAsked(n)) putFit(found, n, peerFit(context, peer, party, own).fits);
    return found;
  };
  // Of these selectors say nothing: those with an address of several pods, and those of which the input has no pod.
  const unclear = all.flatMap(({ party }, n) => (party.kind === 'unlisted' || (party.kind === 'pods' && party.pods.length > 1) ? [n] : []));
  const podsFits = (peer: Peer<'pods'>, own: string | null): Fits => {
    const where = peer.namespaces === null ? selectors.inNamespace(own) : selectors.byNamespaces(peer.namespaces);
    const found = bothFit(where, selectors.byLabels(peer.pods));
    for (const n of unclear) {
      const party = all[n]?.party;
      if (party !== undefined) putFit(found, n, peerFit(context, peer, party, own).fits);
    }
    return found;
  };
  const networksFits = once(networksText, (peer: Peer<'networks'>) => {
    const { networksMatch } = enforcer;
    const isIn = peers.blocks.map(
      (block) =>
        peer.cidrs.some((c) => c.length <= block.length && contains(c, block.address)) &&
        !peer.except.some((e) => e.length <= block.length && contains(e, block.address)),
    );
    const found = nobody(all.length);
    for (const [n, { party, block }] of all.entries()) {
      const byAddress = party.kind === 'pods' ? networksMatch.pods : party.kind === 'node' ? networksMatch.nodes : party.kind !== 'world';
      if (!byAddress) putFit(found, n, peerFit(context, peer, party, null).fits);
      else if (isIn[block] === true) putFit(found, n, 'yes');
    }
    return found;
  });
  const peerFits = (peer: PolicyPeer, own: string | null): Fits => {
    switch (peer.kind) {
      case 'pods':
        return podsFits(peer, own);
      case 'networks':
        return networksFits(peer);
      case 'nodes':
        return oneByOne(peer, own, (n) => all[n]?.party.kind === 'node');
      case 'redacted':
      case 'domains':
      case 'unknown':
        return oneByOne(peer, own, () => true);
    }
  };
  const anybody = everybody(all.length);
  const known = new Map<PolicyRule, Fits>();
  return (policy, rule) => {
    const before = known.get(rule);
    if (before !== undefined) return before;
    const found =
      rule.peers === null ? anybody : rule.peers.map((p) => peerFits(p, policy.namespace)).reduce(eitherFits, nobody(all.length));
    known.set(rule, found);
    return found;
  };
}

const networksText = ({ cidrs, except }: Peer<'networks'>): string =>
  `${cidrs.map(formatPrefix).join()} ${except.map(formatPrefix).join()}`;
