import { familyOf, formatAddress } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix, prefixOf } from '../../net/prefix.ts';
import { declared } from '../../source/origin.ts';
import { prefixesIn } from '../families.ts';
import { key, type Pod } from '../pod.ts';
import type { Enforcer } from './enforcer.ts';
import { allOf, type Fit, no, unknown, YES } from './fit.ts';
import { type Labels, nodeLabelled, podLabelled } from './labelled.ts';
import { notAPod, type Party } from './party.ts';
import type { PolicyPeer } from './policy.ts';
import { type Labelled, selectorFit } from './selector-fit.ts';

export type PeerFailure = 'peer' | 'family';

/** What peers are asked against. */
export interface PeerContext {
  readonly labels: Labels;
  readonly namespace: (name: string) => Labelled;
  readonly enforcer: Pick<Enforcer, 'name' | 'networksMatch'>;
}

/** Is the party one of those that a peer names? `own`: the policy's namespace, null of one of the whole cluster. */
export function peerFit(context: PeerContext, peer: PolicyPeer, party: Party, own: string | null): Fit<PeerFailure> {
  switch (peer.kind) {
    case 'pods':
      return podsFit(context, peer, party, own);
    case 'networks':
      return networksFit(context, peer, party);
    case 'redacted':
      return redactedFit(context, peer, party);
    case 'nodes':
      return nodesFit(context, peer, party);
    case 'domains':
      return unknown({
        text: `which addresses ${peer.names.join(', ')} ${peer.names.length === 1 ? 'has' : 'have'}`,
        command: null,
        origin: declared(peer.locus),
      });
    case 'unknown':
      return no('peer', () => `${peer.field} is of a newer version of the API, and nobody is known to be meant by it`);
  }
}

type Peer<K extends PolicyPeer['kind']> = Extract<PolicyPeer, { kind: K }>;

function podsFit(context: PeerContext, peer: Peer<'pods'>, party: Party, own: string | null): Fit<'peer'> {
  const origin = declared(peer.locus);
  if (party.kind === 'unlisted')
    return unknown({ text: `which pod has ${formatAddress(party.address)}`, command: 'kubectl get pods -A -o json', origin });
  if (party.kind !== 'pods') return no('peer', () => notAPod(party));
  const fitOf = (pod: Pod) =>
    allOf(
      () => namespaceFit(context, peer, pod, own),
      () => selectorFit(peer.pods, podLabelled(context.labels, pod), origin),
    );
  return agreed(party.pods, fitOf, peer);
}

function namespaceFit({ namespace }: PeerContext, { namespaces, locus }: Peer<'pods'>, pod: Pod, own: string | null): Fit<'peer'> {
  if (namespaces !== null) return selectorFit(namespaces, namespace(pod.namespace), declared(locus));
  return pod.namespace === own ? YES : no('peer', () => `pod ${key(pod)} is not in namespace ${own}`);
}

/** Of pods with one address nobody knows which the packet is of. */
function agreed(pods: readonly Pod[], fitOf: (pod: Pod) => Fit<'peer'>, { locus }: Peer<'pods'>): Fit<'peer'> {
  const [first = YES, ...rest] = pods.map(fitOf);
  if (rest.every((fit) => fit.fits === first.fits)) return first;
  const names = pods.map(key).join(' and ');
  return unknown({
    text: `which of ${names}, which have one address, it is`,
    command: 'kubectl get pods -A -o wide',
    origin: declared(locus),
  });
}

function networksFit({ enforcer }: PeerContext, peer: Peer<'networks'>, party: Party): Fit<PeerFailure> {
  const { address, kind } = party;
  const text = formatAddress(address);
  const cidrs = prefixesIn(peer.cidrs, familyOf(address));
  if (cidrs.length === 0)
    return no('family', () => `${listed(peer.cidrs)} ${isOrAre(peer.cidrs)} not ${familyOf(address)}, and ${text} is`);
  if (kind === 'world') return worldFit({ ...peer, cidrs }, enforcer.name);
  if (!cidrs.some((c) => contains(c, address)))
    return no('peer', () => `${listed(cidrs)} ${cidrs.length === 1 ? 'does' : 'do'} not have ${text}`);
  const hole = peer.except.find((e) => contains(e, address));
  if (hole !== undefined) return no('peer', () => `${text} is in except ${formatPrefix(hole)}`);
  const isIgnored = (kind === 'pods' && !enforcer.networksMatch.pods) || (kind === 'node' && !enforcer.networksMatch.nodes);
  const isDoubtful = isIgnored && kind === 'node' && party.mayBeWorld && cidrs.some((c) => c.length === 0);
  if (isDoubtful)
    return unknown({
      text: `whether ${text} stands for a client outside of the cluster, as ${enforcer.name} sees it`,
      command: null,
      origin: declared(peer.locus),
    });
  return isIgnored
    ? no('peer', () => `${enforcer.name} takes no ${kind === 'pods' ? 'pod' : 'node'} for an address block's, ${text} neither`)
    : YES;
}

/** Who would not be in any block is not in a hidden one. */
function redactedFit(context: PeerContext, { text, within, locus }: Peer<'redacted'>, party: Party): Fit<PeerFailure> {
  const widest = { kind: 'networks', cidrs: [within ?? prefixOf(party.address, 0)], except: [], locus } as const;
  const fit = networksFit(context, widest, party);
  if (fit.fits === 'no') return fit;
  return unknown({ text: `which addresses are behind ${text}`, command: null, origin: declared(locus) });
}

/** The enforcer knows no more than that it is somebody outside: all addresses have him, and of fewer nobody can tell. */
function worldFit({ cidrs, except, locus }: Peer<'networks'>, enforcer: string): Fit<'peer'> {
  if (cidrs.every((c) => c.length > 0))
    return no('peer', () => `${enforcer} knows the client as one outside of the cluster, and not by an address in ${listed(cidrs)}`);
  if (except.length === 0) return YES;
  const text = `whether ${enforcer} takes a client outside of the cluster, of whom it knows no more, for one of ${listed(except)}`;
  return unknown({ text, command: null, origin: declared(locus) });
}

const isOrAre = (prefixes: readonly Prefix[]): string => (prefixes.length === 1 ? 'is' : 'are');

const MOST = 3;

function listed(prefixes: readonly Prefix[]): string {
  const rest = prefixes.length - MOST;
  return `${prefixes.slice(0, MOST).map(formatPrefix).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** A node is met by the addresses of its status only. */
function nodesFit({ labels }: PeerContext, { nodes, locus }: Peer<'nodes'>, party: Party): Fit<'peer'> {
  const node = party.kind === 'node' ? party.node : null;
  const isListed = node?.addresses.some((a) => a.type !== 'Hostname' && a.address === party.address);
  if (node === null || !isListed) return no('peer', () => `${formatAddress(party.address)} is not in the status of a node`);
  return selectorFit(nodes, nodeLabelled(labels, node), declared(locus));
}
