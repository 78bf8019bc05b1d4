import type { Locus } from '../../source/origin.ts';
import { labelSelectorMatches, labelSelectorText } from '../label-selector.ts';
import { type Namespace, namespaceLabels } from '../namespace.ts';
import { type Gateway, gatewayText, type HttpRoute, type Listener, type ParentRef } from './gateway.ts';
import { routeHostMatches } from './http.ts';

/** Why a listener does not take a route, and what to change. */
export interface NotAccepted {
  readonly because: string;
  readonly fix: string;
  /** Where that is to be changed. */
  readonly at: Locus;
}

/** Null when the listener takes the route for what this parentRef asks. Source: Gateway API, Listener.allowedRoutes, ParentReference. */
export function notAccepted(
  namespaces: ReadonlyMap<string, Namespace>,
  gateway: Gateway,
  listener: Listener,
  parent: ParentRef,
  route: HttpRoute,
): NotAccepted | null {
  const where = `listener ${listener.name} of ${gatewayText(gateway)}`;
  if (parent.sectionName !== null && parent.sectionName !== listener.name)
    return {
      because: `its parentRef asks for listener ${parent.sectionName}, not ${listener.name}`,
      fix: `name a listener that ${gatewayText(gateway)} has as sectionName: ${gateway.listeners.map((l) => l.name).join(', ')}`,
      at: parent.locus,
    };
  if (parent.port !== null && parent.port !== listener.port)
    return {
      because: `its parentRef asks for port ${parent.port}, and ${where} is on ${listener.port}`,
      fix: `set port of the parentRef to ${listener.port}, or leave it out`,
      at: parent.locus,
    };
  if (listener.kinds !== null && !listener.kinds.includes('HTTPRoute'))
    return {
      because: `${where} takes only ${listener.kinds.join(', ')}`,
      fix: 'add HTTPRoute to allowedRoutes.kinds of the listener, or leave kinds out',
      at: listener.locus,
    };
  return ofNamespace(namespaces, gateway, listener, route) ?? ofHost(where, listener, route);
}

function ofNamespace(
  namespaces: ReadonlyMap<string, Namespace>,
  gateway: Gateway,
  { name, from, selector, locus }: Listener,
  route: HttpRoute,
): NotAccepted | null {
  const where = `listener ${name} of ${gatewayText(gateway)}`;
  switch (from) {
    case 'All':
      return null;
    case 'None':
      return {
        because: `${where} takes routes of no namespace`,
        fix: 'set allowedRoutes.namespaces.from of the listener to Same, Selector or All',
        at: locus,
      };
    case 'Same':
      if (route.namespace === gateway.namespace) return null;
      return {
        because: `${where} takes routes of its own namespace ${gateway.namespace} only, and the route is in ${route.namespace}`,
        fix: 'set allowedRoutes.namespaces.from of the listener to All, or to Selector with the labels of the namespace',
        at: locus,
      };
    case 'Selector': {
      if (labelSelectorMatches(selector, namespaceLabels({ namespaces }, route.namespace))) return null;
      const labels = [...namespaceLabels({ namespaces }, route.namespace)].map(([k, v]) => `${k}=${v}`).join(', ');
      return {
        because: `${where} takes routes of namespaces with ${labelSelectorText(selector)}, and ${route.namespace} has only ${labels}`,
        fix: `give namespace ${route.namespace} the labels, or change the selector of the listener`,
        at: locus,
      };
    }
  }
}

function ofHost(where: string, { hostname, locus }: Listener, { hostnames }: HttpRoute): NotAccepted | null {
  if (hostname === null || hostnames.length === 0 || hostnames.some((h) => overlaps(hostname, h))) return null;
  return {
    because: `${where} is for ${hostname}, and the route for ${hostnames.join(', ')}`,
    fix: `give the route a hostname that ${hostname} holds, or change the listener's`,
    at: locus,
  };
}

/** Is there a host that both stand for? */
function overlaps(a: string, b: string): boolean {
  if (a.startsWith('*.') && b.startsWith('*.')) return a === b || a.endsWith(b.slice(1)) || b.endsWith(a.slice(1));
  return a.startsWith('*.') ? routeHostMatches(a, b) : routeHostMatches(b, a);
}
