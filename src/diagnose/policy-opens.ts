import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Opened, OpenedWay } from '../k8s/policy/opened.ts';

/** So many are named. */
const NAMED = 2;

/** `shop/a`, `shop/a and shop/b`, `shop/a, shop/b and 3 more`. */
function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  if (rest <= 1) return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, NAMED).join(', ')} and ${rest} more`;
}

/** The other packets that a change allows, in words; empty: none. */
export function opensText({ ways, isMore }: Opened, direction: PolicyDirection, pod: string, peer: string): string {
  const distinct = (of: (way: OpenedWay) => string) => [...new Set(ways.map(of))];
  if (ways.length === 0) return isMore ? '; not all that it may open was looked at' : '';
  const peers = distinct((w) => w.peer);
  const pods = distinct((w) => w.pod);
  const [ofPeer, ofPod] = [peers.every((p) => p === peer), pods.every((p) => p === pod)];
  const into = direction === 'ingress' ? 'in' : 'out';
  const who = direction === 'ingress' ? peers : pods;
  const where = direction === 'ingress' ? pods : peers;
  const [isOneWho, isOneWhere] = direction === 'ingress' ? [ofPeer, ofPod] : [ofPod, ofPeer];
  const lets = isOneWho ? 'it' : listed(who);
  const goal = isOneWhere ? into : direction === 'ingress' ? `into ${listed(where)}` : `out to ${listed(where)}`;
  return `; this also lets ${lets} ${goal}${portsText(distinct((w) => (w.port === null ? '' : String(w.port))))}${isMore ? ', and perhaps more' : ''}`;
}

function portsText(ports: readonly string[]): string {
  const named = ports.filter((p) => p !== '');
  if (named.length === 0) return '';
  return ` on ${named.length === 1 ? 'port' : 'ports'} ${listed(named)}`;
}
