import type { HttpRoute, PathModifier, RouteFilter, RouteMatch } from '../../k8s/http/gateway.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { GatewayForm, HttpRouteForm, TopologyForm } from '../schema/topology.ts';
import { checkBackend, type Services, wrongPath } from './http-checks.ts';
import type { Report } from './report.ts';

export function readRoutes(report: Report, form: TopologyForm, services: Services): readonly HttpRoute[] {
  const gateways = new Map(form.gateways.map((g) => [`${g.namespace}/${g.name}`, g]));
  return form.httpRoutes.map((route, i) => {
    const path = ['httpRoutes', i];
    const { namespace, name } = route;
    const object = `HTTPRoute/${namespace}/${name}`;
    checkParents(report, route, gateways, path);
    return {
      namespace,
      name,
      hostnames: route.hostnames,
      parents: route.parentRefs.map((p, j) => ({
        namespace: p.namespace ?? namespace,
        name: p.name,
        sectionName: p.sectionName ?? null,
        port: p.port ?? null,
        locus: report.locus([...path, 'parentRefs', j], object),
      })),
      rules: route.rules.map((rule, j) => {
        const here = [...path, 'rules', j];
        return {
          matches: readMatches(report, rule, here, object),
          filters: rule.filters.map((f, k) => readFilter(report, f, rule, [...here, 'filters', k])),
          backends: rule.backendRefs.map((b, k) => {
            const at = [...here, 'backendRefs', k];
            const target = b.namespace ?? namespace;
            checkBackend(
              report,
              services,
              { namespace: target, name: b.name, port: b.port },
              { name: [...at, 'name'], port: [...at, 'port'] },
            );
            return { namespace: target, name: b.name, port: b.port, weight: b.weight, locus: report.locus(at, object) };
          }),
          locus: report.locus(here, object),
        };
      }),
      locus: report.locus(path, object),
    };
  });
}

function checkParents(
  report: Report,
  { parentRefs, namespace }: HttpRouteForm,
  gateways: ReadonlyMap<string, GatewayForm>,
  path: Path,
): void {
  if (parentRefs.length === 0)
    report.warn(path, 'no-parent', 'this route has no parentRefs, so no Gateway uses it', 'name a Gateway in parentRefs');
  for (const [j, parent] of parentRefs.entries()) {
    const name = `${parent.namespace ?? namespace}/${parent.name}`;
    const gateway = gateways.get(name);
    const at = [...path, 'parentRefs', j];
    if (gateway === undefined) {
      const known = [...gateways.keys()];
      const hint = didYouMean(name, known) ?? (known.length === 0 ? 'state gateways' : `Gateways: ${known.join(', ')}`);
      report.warn([...at, 'name'], 'unknown-parent', `there is no Gateway ${name}`, hint);
      continue;
    }
    const names = gateway.listeners.map((l) => l.name);
    if (parent.sectionName !== undefined && !names.includes(parent.sectionName))
      report.warn(
        [...at, 'sectionName'],
        'unknown-listener',
        `Gateway ${name} has no listener ${parent.sectionName}`,
        didYouMean(parent.sectionName, names) ?? `its listeners: ${names.join(', ')}`,
      );
  }
}

type RuleForm = HttpRouteForm['rules'][number];

/** Without any, a rule matches everything. */
function readMatches(report: Report, { matches }: RuleForm, path: Path, object: string): readonly RouteMatch[] {
  const everything = { type: 'PathPrefix', value: '/' } as const;
  if (matches.length === 0) return [{ path: everything, method: null, headers: [], queryParams: [], locus: report.locus(path, object) }];
  return matches.map((m, i) => {
    const at = [...path, 'matches', i];
    const wrong = m.path === undefined || m.path.type === 'RegularExpression' ? null : wrongPath(m.path.value);
    if (wrong !== null) report.error([...at, 'path', 'value'], 'bad-value', wrong);
    return {
      path: m.path ?? everything,
      method: m.method ?? null,
      headers: m.headers,
      queryParams: m.queryParams,
      locus: report.locus(at, object),
    };
  });
}

type FilterForm = RuleForm['filters'][number];

/** The API server wants the field that `type` names, and no other. */
function readFilter(report: Report, form: FilterForm, rule: RuleForm, path: Path): RouteFilter {
  const field = (
    {
      URLRewrite: 'urlRewrite',
      RequestRedirect: 'requestRedirect',
      RequestHeaderModifier: 'requestHeaderModifier',
      ResponseHeaderModifier: 'responseHeaderModifier',
    } as const
  )[form.type];
  if (form[field] === undefined) report.error(path, 'missing-field', `a filter of type ${form.type} needs ${field}`);
  const others = (['urlRewrite', 'requestRedirect', 'requestHeaderModifier', 'responseHeaderModifier'] as const).filter((f) => f !== field);
  for (const other of others)
    if (form[other] !== undefined)
      report.error([...path, other], 'bad-value', `a filter of type ${form.type} has no ${other}`, 'one filter does one thing');
  const modifier = (m: ModifierForm | undefined) => readModifier(report, m, rule, [...path, field, 'path']);
  switch (form.type) {
    case 'URLRewrite':
      return { type: form.type, hostname: form.urlRewrite?.hostname ?? null, path: modifier(form.urlRewrite?.path) };
    case 'RequestRedirect': {
      const { scheme, hostname, port, statusCode, path: to } = form.requestRedirect ?? {};
      if (rule.backendRefs.length > 0) report.error(path, 'bad-value', 'a rule that redirects has no backendRefs');
      return {
        type: form.type,
        scheme: scheme ?? null,
        hostname: hostname ?? null,
        path: modifier(to),
        port: port ?? null,
        statusCode: statusCode ?? 302,
      };
    }
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier': {
      const { set, add, remove } = form[field === 'requestHeaderModifier' ? field : 'responseHeaderModifier'] ?? {
        set: [],
        add: [],
        remove: [],
      };
      const edits = [
        ...set.map((h) => `${h.name} set to ${h.value}`),
        ...add.map((h) => `${h.name} with ${h.value} added`),
        ...remove.map((h) => `${h} removed`),
      ];
      return { type: form.type, edits };
    }
  }
}

type ModifierForm = NonNullable<NonNullable<FilterForm['urlRewrite']>['path']>;

function readModifier(report: Report, form: ModifierForm | undefined, { matches }: RuleForm, path: Path): PathModifier | null {
  if (form === undefined) return null;
  const full = form.type === 'ReplaceFullPath';
  const value = full ? form.replaceFullPath : form.replacePrefixMatch;
  if (value === undefined)
    report.error(path, 'missing-field', `type ${form.type} needs ${full ? 'replaceFullPath' : 'replacePrefixMatch'}`);
  if (!full && (matches.length > 1 || matches.some((m) => m.path !== undefined && m.path.type !== 'PathPrefix')))
    report.error(path, 'bad-value', 'ReplacePrefixMatch needs a rule with one match only, of type PathPrefix');
  return { type: form.type, value: value ?? '/' };
}
