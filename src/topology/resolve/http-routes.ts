import type { HttpRoute, PathModifier, RouteFilter, RouteMatch, RouteRule } from '../../k8s/http/gateway.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { GatewayInput, HttpRouteInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { checkBackend, type Services, wrongPath } from './http-checks.ts';

export function readRoutes(root: Cursor, input: TopologyInput, services: Services): readonly HttpRoute[] {
  const gateways = new Map((input.gateways ?? []).map((g) => [`${g.namespace ?? 'default'}/${g.name}`, g]));
  return (input.httpRoutes ?? []).map((route, i) => {
    const { namespace = 'default', name, hostnames = [], parentRefs = [], rules = [] } = route;
    const here = root.at('httpRoutes', i).of(`HTTPRoute/${namespace}/${name}`);
    checkParents(here, parentRefs, namespace, gateways);
    return {
      namespace,
      name,
      hostnames,
      parents: parentRefs.map((p, j) => ({
        namespace: p.namespace ?? namespace,
        name: p.name,
        sectionName: p.sectionName ?? null,
        port: p.port ?? null,
        locus: here.at('parentRefs', j).locus,
      })),
      rules: rules.map((rule, j) => readRule(here.at('rules', j), rule, namespace, services)),
      locus: here.locus,
    };
  });
}

type RuleInput = NonNullable<HttpRouteInput['rules']>[number];

function readRule(here: Cursor, rule: RuleInput, namespace: string, services: Services): RouteRule {
  return {
    matches: readMatches(here, rule),
    filters: (rule.filters ?? []).map((f, k) => readFilter(here.at('filters', k), f, rule)),
    backends: (rule.backendRefs ?? []).map((b, k) => {
      const at = here.at('backendRefs', k);
      const target = b.namespace ?? namespace;
      checkBackend(services, { namespace: target, name: b.name, port: b.port }, { name: at.at('name'), port: at.at('port') });
      return { namespace: target, name: b.name, port: b.port, weight: b.weight ?? 1, locus: at.locus };
    }),
    locus: here.locus,
  };
}

function checkParents(
  here: Cursor,
  parentRefs: NonNullable<HttpRouteInput['parentRefs']>,
  namespace: string,
  gateways: ReadonlyMap<string, GatewayInput>,
): void {
  if (parentRefs.length === 0)
    here.warn('no-parent', 'this route has no parentRefs, so no Gateway uses it', 'name a Gateway in parentRefs');
  for (const [j, parent] of parentRefs.entries()) {
    const name = `${parent.namespace ?? namespace}/${parent.name}`;
    const gateway = gateways.get(name);
    const at = here.at('parentRefs', j);
    if (gateway === undefined) {
      const known = [...gateways.keys()];
      const hint = didYouMean(name, known) ?? (known.length === 0 ? 'state gateways' : `Gateways: ${known.join(', ')}`);
      at.at('name').warn('unknown-parent', `there is no Gateway ${name}`, hint);
      continue;
    }
    const names = gateway.listeners.map((l) => l.name);
    if (parent.sectionName !== undefined && !names.includes(parent.sectionName))
      at.at('sectionName').warn(
        'unknown-listener',
        `Gateway ${name} has no listener ${parent.sectionName}`,
        didYouMean(parent.sectionName, names) ?? `its listeners: ${names.join(', ')}`,
      );
  }
}

const typed = (values: RuleValues | undefined) => (values ?? []).map((v) => ({ ...v, type: v.type ?? ('Exact' as const) }));
type RuleValues = NonNullable<NonNullable<RuleInput['matches']>[number]['headers']>;

/** Without any, a rule matches everything. */
function readMatches(here: Cursor, { matches = [] }: RuleInput): readonly RouteMatch[] {
  const everything = { type: 'PathPrefix', value: '/' } as const;
  if (matches.length === 0) return [{ path: everything, method: null, headers: [], queryParams: [], locus: here.locus }];
  return matches.map((m, i) => {
    const at = here.at('matches', i);
    const path = { type: m.path?.type ?? everything.type, value: m.path?.value ?? everything.value };
    const wrong = m.path === undefined || path.type === 'RegularExpression' ? null : wrongPath(path.value);
    if (wrong !== null) at.at('path', 'value').error('bad-value', wrong);
    return { path, method: m.method ?? null, headers: typed(m.headers), queryParams: typed(m.queryParams), locus: at.locus };
  });
}

type FilterInput = NonNullable<RuleInput['filters']>[number];

/** The API server wants the field that `type` names, and no other. */
function readFilter(here: Cursor, input: FilterInput, rule: RuleInput): RouteFilter {
  const field = (
    {
      URLRewrite: 'urlRewrite',
      RequestRedirect: 'requestRedirect',
      RequestHeaderModifier: 'requestHeaderModifier',
      ResponseHeaderModifier: 'responseHeaderModifier',
    } as const
  )[input.type];
  if (input[field] === undefined) here.error('missing-field', `a filter of type ${input.type} needs ${field}`);
  const others = (['urlRewrite', 'requestRedirect', 'requestHeaderModifier', 'responseHeaderModifier'] as const).filter((f) => f !== field);
  for (const other of others)
    if (input[other] !== undefined)
      here.at(other).error('bad-value', `a filter of type ${input.type} has no ${other}`, 'one filter does one thing');
  const modifier = (m: ModifierInput | undefined) => readModifier(here.at(field, 'path'), m, rule);
  switch (input.type) {
    case 'URLRewrite':
      return { type: input.type, hostname: input.urlRewrite?.hostname ?? null, path: modifier(input.urlRewrite?.path) };
    case 'RequestRedirect': {
      const { scheme, hostname, port, statusCode, path: to } = input.requestRedirect ?? {};
      if ((rule.backendRefs ?? []).length > 0) here.error('bad-value', 'a rule that redirects has no backendRefs');
      return {
        type: input.type,
        scheme: scheme ?? null,
        hostname: hostname ?? null,
        path: modifier(to),
        port: port ?? null,
        statusCode: statusCode ?? 302,
      };
    }
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier': {
      const { set = [], add = [], remove = [] } = input[field === 'requestHeaderModifier' ? field : 'responseHeaderModifier'] ?? {};
      const edits = [
        ...set.map((h) => `${h.name} set to ${h.value}`),
        ...add.map((h) => `${h.name} with ${h.value} added`),
        ...remove.map((h) => `${h} removed`),
      ];
      return { type: input.type, edits };
    }
  }
}

type ModifierInput = NonNullable<NonNullable<FilterInput['urlRewrite']>['path']>;

function readModifier(at: Cursor, input: ModifierInput | undefined, { matches = [] }: RuleInput): PathModifier | null {
  if (input === undefined) return null;
  const full = input.type === 'ReplaceFullPath';
  const value = full ? input.replaceFullPath : input.replacePrefixMatch;
  if (value === undefined) at.error('missing-field', `type ${input.type} needs ${full ? 'replaceFullPath' : 'replacePrefixMatch'}`);
  if (!full && (matches.length > 1 || matches.some((m) => m.path !== undefined && (m.path.type ?? 'PathPrefix') !== 'PathPrefix')))
    at.error('bad-value', 'ReplacePrefixMatch needs a rule with one match only, of type PathPrefix');
  return { type: input.type, value: value ?? '/' };
}
