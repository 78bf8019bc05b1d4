import type { PolicyDirection, PolicyPacket } from '../../datapath/policy-point.ts';
import { type AnyFit, anyOf, type Doubt } from './fit.ts';
import type { Party } from './party.ts';
import { type PeerContext, type PeerFailure, peerFit } from './peer-fit.ts';
import type { Policy, PolicyRule } from './policy.ts';
import { type PortFailure, portFit } from './port-fit.ts';

/** A packet at a policy point, with who is at its other end and who gets it. */
export interface Seen {
  readonly direction: PolicyDirection;
  readonly packet: PolicyPacket;
  readonly peer: Party;
  readonly to: Party;
}

/** `peer` and `port`: the items that fit, or are in doubt; null: the rule lists none. */
export type RuleFit =
  | { readonly fits: 'yes'; readonly peer: number | null; readonly port: number | null }
  | { readonly fits: 'no'; readonly failed: PeerFailure | PortFailure; readonly why: () => string }
  | { readonly fits: 'unknown'; readonly peer: number | null; readonly port: number | null; readonly doubt: Doubt };

const ANY = { fits: 'yes', index: null } as const;

/** A rule means its peers AND its ports: any of these with any of those. */
export function ruleFit(context: PeerContext, policy: Policy, rule: PolicyRule, { packet, peer, to }: Seen): RuleFit {
  const peers = rule.peers === null ? ANY : anyOf(rule.peers, (p) => peerFit(context, p, peer, policy.namespace));
  if (peers.fits === 'no') return { fits: 'no', ...failureOf(peers.all, ['peer', 'family']) };
  const ports = rule.ports === null ? ANY : anyOf(rule.ports, (p) => portFit(p, packet, to));
  if (ports.fits === 'no') return { fits: 'no', ...failureOf(ports.all, ['port', 'protocol']) };
  const at = { peer: peers.index, port: ports.index };
  if (peers.fits === 'unknown') return { fits: 'unknown', ...at, doubt: peers.doubt };
  return ports.fits === 'unknown' ? { fits: 'unknown', ...at, doubt: ports.doubt } : { fits: 'yes', ...at };
}

type Failures<F extends string> = Extract<AnyFit<F>, { fits: 'no' }>['all'];

/** Of all the items that do not fit, those that came nearest speak. */
function failureOf<F extends PeerFailure | PortFailure>(all: Failures<F>, nearestFirst: readonly [F, F]) {
  const [nearest, other] = nearestFirst;
  const near = all.filter((fit) => fit.failed === nearest);
  const told = near.length > 0 ? near : all;
  return { failed: near.length > 0 ? nearest : other, why: () => inWords(told.map((fit) => fit.why())) };
}

const MOST = 3;

/** Rules with hundreds of items are told by their first ones. */
function inWords(texts: readonly string[]): string {
  const different = [...new Set(texts)];
  const rest = different.length - MOST;
  return rest > 0 ? `${different.slice(0, MOST).join('; ')}; and ${rest} more` : different.join('; ');
}
