import type { IpAddress } from '../../net/address.ts';
import type { Locus } from '../../source/origin.ts';
import type { LabelSelector } from '../label-selector.ts';
import type { Service } from '../service.ts';

/** The objects of the Gateway API in the input, well-formed. */

export interface GatewayClass {
  readonly name: string;
  /** Behind it are the pods of all Gateways of this class; null: each Gateway says it itself, or the input does not. */
  readonly service: Service | null;
  readonly locus: Locus;
}

/** Not the internet's gateway: a Gateway of the Gateway API. */
export interface Gateway {
  readonly namespace: string;
  readonly name: string;
  readonly className: string;
  /** Its own or its class's, else the one that has its address; null: the input does not say. */
  readonly service: Service | null;
  readonly addresses: readonly IpAddress[];
  readonly listeners: readonly Listener[];
  readonly locus: Locus;
}

export interface Listener {
  readonly name: string;
  /** Null: all hosts. */
  readonly hostname: string | null;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly from: 'Same' | 'All' | 'Selector' | 'None';
  readonly selector: LabelSelector;
  /** Kinds of routes; null: those of its protocol. */
  readonly kinds: readonly string[] | null;
  readonly locus: Locus;
}

export interface HttpRoute {
  readonly namespace: string;
  readonly name: string;
  readonly parents: readonly ParentRef[];
  /** Empty: those of the listener. */
  readonly hostnames: readonly string[];
  readonly rules: readonly RouteRule[];
  readonly locus: Locus;
}

export interface ParentRef {
  readonly namespace: string;
  readonly name: string;
  readonly sectionName: string | null;
  readonly port: number | null;
  readonly locus: Locus;
}

export interface RouteRule {
  /** Any of them will do; there is always one. */
  readonly matches: readonly RouteMatch[];
  readonly filters: readonly RouteFilter[];
  readonly backends: readonly RouteBackend[];
  readonly locus: Locus;
}

/** All of its conditions. */
export interface RouteMatch {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string };
  readonly method: string | null;
  readonly headers: readonly ValueMatch[];
  readonly queryParams: readonly ValueMatch[];
  readonly locus: Locus;
}

export interface ValueMatch {
  readonly type: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
}

export type PathModifier =
  | { readonly type: 'ReplaceFullPath'; readonly value: string }
  | { readonly type: 'ReplacePrefixMatch'; readonly value: string };

export type RouteFilter =
  | { readonly type: 'URLRewrite'; readonly hostname: string | null; readonly path: PathModifier | null }
  | {
      readonly type: 'RequestRedirect';
      readonly scheme: 'http' | 'https' | null;
      readonly hostname: string | null;
      readonly path: PathModifier | null;
      readonly port: number | null;
      readonly statusCode: number;
    }
  | { readonly type: 'RequestHeaderModifier' | 'ResponseHeaderModifier'; readonly edits: readonly string[] };

export interface RouteBackend {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly weight: number;
  readonly locus: Locus;
}

/** Lets objects of other namespaces refer to those of its own. */
export interface ReferenceGrant {
  readonly namespace: string;
  readonly name: string;
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  /** A null name: all of that kind. */
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name: string | null }[];
  readonly locus: Locus;
}

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** `Gateway infra/web` */
export const gatewayText = ({ namespace, name }: Pick<Gateway, 'namespace' | 'name'>) => `Gateway ${namespace}/${name}`;
/** `HTTPRoute shop/cart` */
export const routeText = ({ namespace, name }: Pick<HttpRoute, 'namespace' | 'name'>) => `HTTPRoute ${namespace}/${name}`;
