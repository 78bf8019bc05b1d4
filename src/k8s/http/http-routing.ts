import type { Locus } from '../../source/origin.ts';
import type { Gateway, GatewayClass, HttpRoute, ReferenceGrant } from './gateway.ts';
import type { Ingress, IngressClass } from './ingress.ts';

/** All that the input says about where HTTP requests go, in the order of the input. */
export interface HttpRouting {
  readonly ingressClasses: ReadonlyMap<string, IngressClass>;
  readonly ingresses: readonly Ingress[];
  readonly gatewayClasses: ReadonlyMap<string, GatewayClass>;
  readonly gateways: readonly Gateway[];
  readonly routes: readonly HttpRoute[];
  readonly grants: readonly ReferenceGrant[];
  /** Objects that have something no reader follows. */
  readonly unread: readonly Unread[];
  /** The kinds that the objects list, which are seldom all of a cluster; null: a Topology states all that there is. */
  readonly listed: ReadonlySet<string> | null;
  /** Kinds of which the input has some, and says so. Undefined: it says so of none. */
  readonly unseen?: ReadonlySet<string>;
}

/** An object of a cluster that has something no reader follows. What it does with a request is not known. */
export interface Unread {
  readonly kind: 'Ingress' | 'Gateway' | 'HTTPRoute';
  /** `HTTPRoute shop/cart` */
  readonly object: string;
  /** Null: all. */
  readonly hosts: readonly (string | null)[];
  /** The field, and what is wrong with it for us. */
  readonly because: string;
  readonly locus: Locus;
}

/** Of an Ingress that names no class. */
function defaultClass({ ingressClasses }: HttpRouting): IngressClass | null {
  return [...ingressClasses.values()].find((c) => c.isDefault) ?? null;
}

/** The class that serves an Ingress; null: none does. */
export function classOf(routing: HttpRouting, { className }: Ingress): IngressClass | null {
  return className === null ? defaultClass(routing) : (routing.ingressClasses.get(className) ?? null);
}

/** May an object of one namespace refer to one of another? One grant in the other namespace is enough. */
export function isGranted(
  { grants }: HttpRouting,
  from: { readonly group: string; readonly kind: string; readonly namespace: string },
  to: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
): boolean {
  return grants.some(
    (grant) =>
      grant.namespace === to.namespace &&
      grant.from.some((f) => f.group === from.group && f.kind === from.kind && f.namespace === from.namespace) &&
      grant.to.some((t) => t.group === to.group && t.kind === to.kind && (t.name === null || t.name === to.name)),
  );
}
