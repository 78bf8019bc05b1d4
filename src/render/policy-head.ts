import type { PolicyDirectionDocument, PolicyDocument } from '../document/policy-schema.ts';
import { type PlaceText, selectedText } from '../document/policy-words.ts';
import type { Direction } from './policy-lines.ts';
import { shortFiles } from './short-names.ts';

/** The sentence that answers, in short. */
export function headline(document: PolicyDocument): string {
  const { pod, enforcedBy, hostNetwork, ingress, egress } = document;
  if (hostNetwork) return `${pod} is on its node's network: policies are not about it, only those about its peers count`;
  if (enforcedBy === 'none') return `${pod}: nobody enforces policies in this cluster, so all may reach it, and it may reach all`;
  const state = (part: PolicyDirectionDocument) => (part.isolated ? 'isolated' : 'not isolated');
  const alike = ingress.isolated ? 'isolated in both directions' : 'isolated in neither direction';
  const both = ingress.isolated === egress.isolated ? alike : `ingress ${state(ingress)}, egress ${state(egress)}`;
  if (ingress.unread.length + egress.unread.length > 0)
    return `${pod}: ${both}; a policy of a kind that is not evaluated may be about it, so that not all is known`;
  if (enforcedBy === null) return `${pod}: who enforces policies is not known (--network-policy says it); if anybody does, ${both}`;
  return `${pod}: ${both}; ${enforcedBy} enforces policies`;
}

/** Which policies are about the pod. */
export function selection(document: PolicyDocument, direction: Direction, place: PlaceText): string {
  const { selected, ignored, unread } = document[direction];
  const many = `${selected.length} polic${selected.length === 1 ? 'y' : 'ies'}`;
  const about = selected.length === 0 ? 'no policy is about it' : `${many}: ${selectedText(selected, place)}`;
  const without =
    document.enforcedBy === 'none' && selected.length > 0 ? '; without effect, and --network-policy NAME shows what they would do' : '';
  const old = ignored.length === 0 ? '' : `; not taken by this version of ${document.enforcedBy}: ${selectedText(ignored, place)}`;
  const open = unread.length === 0 ? '' : `; not evaluated, and perhaps about it: ${selectedText(unread, place)}`;
  return `${about}${without}${old}${open}`;
}

export const title = ({ pod }: PolicyDocument, direction: Direction): string =>
  direction === 'ingress' ? `What may reach ${pod}` : `What ${pod} may reach`;

/** What is blocked there is not in the table above. */
export const blockedTitle = (direction: Direction): string => (direction === 'ingress' ? 'Wholly kept out' : 'Not reached at all');

export const REST = 'What is not in the table is blocked: -v shows all of it.';

/** Files by the ends of their paths, as long as these differ. */
export function placesOf({ ingress, egress }: PolicyDocument): PlaceText {
  const files = new Set<string>();
  for (const { selected, ignored, unread, peers } of [ingress, egress]) {
    for (const { source } of [...selected, ...ignored, ...unread]) if (source !== null) files.add(source.file);
    for (const { decidedBy, peerDecidedBy } of peers)
      for (const decider of [decidedBy, peerDecidedBy]) if (decider?.source != null) files.add(decider.source.file);
  }
  const short = shortFiles([...files]);
  return ({ file, line }) => `${short.get(file) ?? file}:${line}`;
}

/** Where it is blocked. */
export const atText = (blockedAt: 'own' | 'peer' | null): string => (blockedAt === 'peer' ? 'at its end' : 'here');

export function verdictText(verdict: 'allow' | 'deny' | 'unknown', blockedAt: 'own' | 'peer' | null): string {
  if (verdict === 'deny') return `blocked ${atText(blockedAt)}`;
  return verdict === 'allow' ? 'allowed' : 'unknown';
}
