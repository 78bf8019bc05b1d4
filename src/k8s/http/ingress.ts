import type { IpAddress } from '../../net/address.ts';
import { assumed, declared, type Locus, type Origin } from '../../source/origin.ts';
import type { Service } from '../service.ts';
import { type HttpRequest, hostRank, ingressHostMatches, isPathPrefix } from './http.ts';

export interface IngressClass {
  readonly name: string;
  readonly isDefault: boolean;
  /** As `k8s.io/ingress-nginx`; null: not stated. */
  readonly controller: string | null;
  /** Behind it are the controller's pods; null: the input does not say. */
  readonly service: Service | null;
  readonly locus: Locus;
}

export interface Ingress {
  readonly namespace: string;
  readonly name: string;
  /** Null: the default class, if there is one. */
  readonly className: string | null;
  readonly defaultBackend: IngressBackend | null;
  readonly rules: readonly IngressRule[];
  readonly tls: readonly { readonly hosts: readonly string[]; readonly locus: Locus }[];
  /** Where its controller says that it is reached. */
  readonly addresses: readonly IpAddress[];
  readonly locus: Locus;
}

export interface IngressRule {
  /** Null: all hosts. */
  readonly host: string | null;
  /** Null: the default backend gets everything. */
  readonly paths: readonly IngressPath[] | null;
  readonly locus: Locus;
}

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

export interface IngressPath {
  readonly path: string;
  readonly type: PathType;
  readonly backend: IngressBackend;
  readonly locus: Locus;
}

/** A service of the Ingress's own namespace. */
export interface IngressBackend {
  readonly service: string;
  readonly port: number | string;
  readonly locus: Locus;
}

/** The rule that gets a request; with a null backend, one that leads to a default backend that is not there. */
export interface IngressMatch {
  readonly ingress: Ingress;
  readonly text: string;
  readonly origin: Origin;
  readonly backend: IngressBackend | null;
  readonly hostRank: number;
  readonly notes: readonly string[];
}

interface Candidate {
  readonly ingress: Ingress;
  readonly rule: IngressRule;
  readonly path: IngressPath | null;
}

/**
 * Which of a controller's Ingresses gets a request: the most precise host first, then Exact before prefixes, then the longest path, then
 * the first in the input. What no rule matches goes to a default backend. Source: k8s.io/api/networking/v1, IngressSpec, PathType.
 */
export function matchIngresses(ingresses: readonly Ingress[], { host, path }: HttpRequest): IngressMatch | null {
  const rules = ingresses.flatMap((ingress) =>
    ingress.rules.filter((r) => ingressHostMatches(r.host, host)).map((rule) => ({ ingress, rule })),
  );
  const candidates = rules.flatMap(({ ingress, rule }): readonly Candidate[] => {
    if (rule.paths === null) return [{ ingress, rule, path: null }];
    return rule.paths.filter((p) => pathMatches(p, path)).map((p) => ({ ingress, rule, path: p }));
  });
  const best = candidates.reduce<Candidate | null>((a, b) => (a === null || precedes(b, a) ? b : a), null);
  const known = rules.reduce((most, { rule }) => Math.max(most, hostRank(rule.host)), 0);
  return best === null ? byDefault(ingresses, host, known) : ofRule(best, known);
}

function pathMatches({ type, path: pattern }: IngressPath, path: string): boolean {
  return type === 'Exact' ? pattern === path : isPathPrefix(pattern, path);
}

function precedes(a: Candidate, b: Candidate): boolean {
  const order = [
    hostRank(a.rule.host) - hostRank(b.rule.host),
    Number(a.path?.type === 'Exact') - Number(b.path?.type === 'Exact'),
    (a.path?.path.length ?? -1) - (b.path?.path.length ?? -1),
  ];
  return (order.find((o) => o !== 0) ?? 0) > 0;
}

const nameOf = ({ namespace, name }: Ingress) => `Ingress ${namespace}/${name}`;

function ofRule({ ingress, rule, path }: Candidate, known: number): IngressMatch {
  const rank = hostRank(rule.host);
  const where = rule.host ?? 'any host';
  const notes: string[] = [];
  if (rank < known)
    notes.push(
      `a rule for a more precise host has no path for this request, so the one for ${where} gets it; some controllers look no further then and answer 404`,
    );
  if (path === null)
    return {
      ingress,
      text: `${nameOf(ingress)}, default backend for ${where}`,
      origin: declared(rule.locus),
      backend: ingress.defaultBackend,
      hostRank: rank,
      notes: [
        ...notes,
        `the rule of ${nameOf(ingress)} for ${where} has no paths: what it does is up to the controller, usually its default backend`,
      ],
    };
  const own = path.type === 'ImplementationSpecific';
  if (own)
    notes.push(
      `${nameOf(ingress)}: pathType ImplementationSpecific is read as Prefix here; the controller decides what ${path.path} matches`,
    );
  return {
    ingress,
    text: `${nameOf(ingress)}, ${where} ${path.path} (${path.type})`,
    origin: own ? assumed(path.locus) : declared(path.locus),
    backend: path.backend,
    hostRank: rank,
    notes,
  };
}

/** That of an Ingress that knows the host, else of one without rules, else of any. */
function byDefault(ingresses: readonly Ingress[], host: string, known: number): IngressMatch | null {
  const having = ingresses.filter((i) => i.defaultBackend !== null);
  const forHost = having.find((i) => i.rules.some((r) => hostRank(r.host) === known && known > 0 && ingressHostMatches(r.host, host)));
  const ingress = forHost ?? having.find((i) => i.rules.length === 0) ?? having[0];
  if (ingress?.defaultBackend == null) return null;
  return {
    ingress,
    text: `${nameOf(ingress)}, default backend`,
    origin: declared(ingress.defaultBackend.locus),
    backend: ingress.defaultBackend,
    hostRank: forHost === undefined ? 0 : known,
    notes: [],
  };
}
