import { loadNetwork } from '../../src/index.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import type { Action, HttpPlan } from '../../src/k8s/http/http.ts';
import { planHttp } from '../../src/k8s/http/http-plan.ts';
import { parseUrl, type UrlOptions } from '../../src/query/url.ts';

/** Services a to e, each with port 80 (http) to 8080; `front` stands before the controller. A test adds its rules. */
const service = (name: string, namespace = 'default') => ({ name, namespace, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });

export function clusterWith(more: Readonly<Record<string, unknown>>): Cluster {
  const topology = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12' },
    nodes: [{ name: 'node-1', ip: '192.168.1.11', podCIDR: '10.244.1.0/24' }],
    services: [
      { ...service('front', 'infra'), ports: [80, 443, 8080].map((port) => ({ name: `p${port}`, port })) },
      ...['a', 'b', 'c', 'd', 'e'].map((n) => service(n)),
      service('a', 'other'),
      service('b', 'other'),
    ].map((s, i) => ({ ...s, clusterIP: `10.96.0.${i + 10}` })),
    ...more,
  };
  const loaded = loadNetwork([{ name: 'x.json', bytes: new TextEncoder().encode(JSON.stringify(topology)) }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics.map((d) => [d.place?.field, d.message])));
  return loaded.value.cluster;
}

export function planOf(cluster: Cluster, url: string, options: UrlOptions = {}): HttpPlan | null {
  const parsed = parseUrl(url, options);
  if (!parsed.ok) throw new Error(parsed.message);
  return planHttp(cluster, parsed.value.request, 'IPv4');
}

/** `a`, `other/a`, `no-rule`, or with shares `0.9 a, 0.1 b`; a changed request behind it, as `a https://x/y`. */
export function chosen(plan: HttpPlan | null): string {
  if (plan === null) return 'nobody';
  const { actions, request } = plan;
  const [only, second] = actions;
  if (only !== undefined && second === undefined) return what(only, plan);
  return actions.map((a) => `${Number(a.share.toFixed(4))} ${what(a, { request })}`).join(', ');
}

function what(action: Action, { request }: Pick<HttpPlan, 'request'>): string {
  switch (action.kind) {
    case 'refuse':
      return action.why.kind;
    case 'redirect':
      return `${action.status} ${action.location}`;
    case 'forward': {
      const { namespace, name } = action.service;
      const changed = action.request.host !== request.host || action.request.path !== request.path;
      const rewritten = changed ? ` ${action.request.host}${action.request.path}` : '';
      return `${namespace === 'default' ? '' : `${namespace}/`}${name}${rewritten}${action.edits.length === 0 ? '' : ` [${action.edits.join('; ')}]`}`;
    }
  }
}
