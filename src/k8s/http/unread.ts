import { declared, type Locus } from '../../source/origin.ts';
import type { HttpPlan, HttpRequest, Refusal } from './http.ts';
import { hostRank, routeHostMatches } from './http.ts';
import type { HttpRouting, Unread } from './http-routing.ts';

/**
 * What the rules that are read make of a request, unless it hangs on something that is not: then nobody knows. `isCalled`: the address that
 * is called is known, so that no other Gateway has a part in it.
 */
export function unlessUnread(http: HttpRouting, request: HttpRequest, plan: HttpPlan | null, isCalled: boolean): HttpPlan | null {
  const own = plan?.rule == null || refusal(plan) !== null ? -1 : plan.hostRank;
  const [first] = http.unread.filter((u) => !(isCalled && u.kind === 'Gateway') && rankOf(u, request) >= Math.max(own, 0));
  if (first !== undefined) {
    const why: Refusal = { kind: 'not-followed', object: first.object, because: first.because };
    return unknown(
      request,
      isCalled ? (plan?.frontend ?? null) : null,
      why,
      first.locus,
      Math.max(rankOf(first, request), plan?.hostRank ?? 0),
    );
  }
  const why = plan === null ? null : unlisted(http, refusal(plan));
  if (plan === null || why === null) return plan;
  const locus = plan.actions[0]?.locus ?? plan.rule?.origin.locus;
  return locus == null ? plan : unknown(request, null, why, locus, plan.hostRank);
}

const unknown = (request: HttpRequest, frontend: HttpPlan['frontend'], why: Refusal, locus: Locus, rank: number): HttpPlan => ({
  request,
  frontend,
  rule: { text: 'object' in why ? why.object : '', origin: declared(locus) },
  actions: [{ kind: 'refuse', share: 1, why, locus }],
  notes: [],
  hostRank: rank,
});

/** -1: it has no part in it. */
const rankOf = ({ hosts }: Unread, { host }: HttpRequest): number =>
  Math.max(-1, ...hosts.flatMap((h) => (routeHostMatches(h, host) ? [hostRank(h)] : [])));

function refusal({ actions }: HttpPlan): Refusal | null {
  const [only] = actions;
  return only?.kind === 'refuse' ? only.why : null;
}

/** Objects are seldom all that a cluster has: what is of a kind that they do not list may be there. Of a Topology all is stated. */
function unlisted({ listed }: HttpRouting, why: Refusal | null): Refusal | null {
  if (listed === null || why === null) return null;
  const ask = (kinds: string) => `kubectl get ${kinds} -A -o json`;
  switch (why.kind) {
    case 'no-class': {
      // A controller may serve Ingresses without an IngressClass, by an annotation or by none.
      const isGateway = why.object.startsWith('Gateway ');
      if (isGateway && listed.has('GatewayClass')) return null;
      const kinds = isGateway ? 'gatewayclasses' : 'ingressclasses,ingresses,services,deployments,daemonsets';
      return { kind: 'unlisted', object: why.object, what: 'which controller serves it', command: ask(kinds) };
    }
    case 'not-accepted':
      return listed.has('Gateway')
        ? null
        : { kind: 'unlisted', object: why.route, what: 'the Gateway that is its parent', command: ask('gateways,gatewayclasses') };
    case 'no-service':
      return listed.has('Service')
        ? null
        : { kind: 'unlisted', object: why.object, what: `service ${why.namespace}/${why.name}`, command: ask('services,endpointslices') };
    default:
      return null;
  }
}
