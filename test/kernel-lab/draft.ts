import { stringify } from 'yaml';

/** A topology in the making, in the words of the topology file; parts that stay empty are left out. */
export interface Draft {
  readonly cluster: Record<string, unknown>;
  readonly nodes: Machine[];
  readonly pods: PodDraft[];
  readonly services: Record<string, unknown>[];
  readonly routers: { name: string; interfaces: { segment: string; ip: string }[]; routes: RouteDraft[] }[];
  segments: { name: string; cidr: string }[];
  /** False: pods have addresses of the nodes' own network. */
  readonly ownRanges?: boolean;
  gateway: { ip: string; [field: string]: unknown } | null;
  /** At the gateway; at the gateway and the routers. */
  readonly firewalls: { readonly edge: unknown; readonly underlay: unknown };
}

export interface Machine {
  readonly name: string;
  ip: string;
  readonly number: number;
  readonly routes: RouteDraft[];
  readonly removed: Set<string>;
  readonly sysctls: Record<string, number>;
  readonly devices: Record<string, { mtu?: number; up?: boolean; hairpin?: boolean; vni?: number; port?: number }>;
  readonly neighbours: Map<string, { ip: string; dev: string; state: 'failed' | 'absent' | 'permanent'; lladdr?: string }>;
  /** Of VXLAN devices. */
  readonly fdb: Record<string, unknown>[];
  readonly addresses: Map<string, { ip: string; dev: string; prefixLength?: number }>;
  readonly rules: Map<number, Record<string, unknown>>;
  readonly removedRules: Record<string, unknown>[];
  /** What a node has beside, by the field's name. */
  readonly more: Record<string, unknown>;
  proxy: boolean;
}

export interface RouteDraft {
  readonly to: string;
  readonly [field: string]: unknown;
}

export interface PodDraft extends Machine {
  readonly node: number;
  readonly label: string;
  readonly ready: boolean;
  readonly containers: unknown[] | null;
}

export function newMachine(name: string, ip: string, number: number): Machine {
  return {
    name,
    ip,
    number,
    routes: [],
    removed: new Set(),
    sysctls: {},
    devices: {},
    neighbours: new Map(),
    addresses: new Map(),
    rules: new Map(),
    fdb: [],
    removedRules: [],
    more: {},
    proxy: true,
  };
}

/** Of two routes to one destination in one table the first one stays: the file may state only one. */
export function addRoute(machine: Pick<Machine, 'routes'>, route: RouteDraft): void {
  const same = (r: RouteDraft) => r.to === route.to && r['table'] === route['table'] && r['metric'] === route['metric'];
  if (!machine.routes.some(same)) machine.routes.push(route);
}

export const podCidr = (node: number): string => `10.244.${node + 1}.0/24`;

/** As YAML. */
export function draftText(draft: Draft): string {
  const { segments, routers, gateway, firewalls } = draft;
  const underlay = { ...(segments.length === 0 ? {} : { segments, routers }), ...listed(firewalls.underlay) };
  return stringify(
    {
      apiVersion: 'k8s-trace/v1',
      kind: 'Topology',
      cluster: draft.cluster,
      nodes: draft.nodes.map((n, i) => ({
        name: n.name,
        labels: { 'topology.kubernetes.io/zone': `zone-${i % 2}` },
        ip: n.ip,
        ...(draft.ownRanges === false ? {} : { podCIDR: podCidr(i) }),
        ...stated(n),
        ...(n.proxy ? {} : { kubeProxy: { running: false } }),
      })),
      pods: draft.pods.map((p) => ({
        name: p.name,
        node: draft.nodes[p.node]?.name,
        ip: p.ip,
        labels: { app: p.label },
        ...(p.ready ? {} : { ready: false }),
        ...stated(p),
        ...(p.containers === null ? {} : { containers: p.containers }),
      })),
      services: draft.services,
      ...(Object.keys(underlay).length === 0 ? {} : { underlay }),
      ...(gateway === null ? {} : { internet: { gateway, ...listed(firewalls.edge) } }),
    },
    { lineWidth: 0, collectionStyle: 'any' },
  );
}

const listed = (firewall: unknown) => (firewall === null ? {} : { firewall });

function stated(m: Machine): Record<string, unknown> {
  const removed = [...m.removed];
  const list = <T>(values: Iterable<T>) => [...values];
  return {
    ...(m.routes.length + removed.length === 0 ? {} : { routes: { add: m.routes, remove: removed } }),
    ...(Object.keys(m.sysctls).length === 0 ? {} : { sysctls: m.sysctls }),
    ...(Object.keys(m.devices).length === 0 ? {} : { devices: m.devices }),
    ...(m.neighbours.size === 0 ? {} : { neighbours: list(m.neighbours.values()) }),
    ...(m.addresses.size === 0 ? {} : { addresses: list(m.addresses.values()) }),
    ...(m.fdb.length === 0 ? {} : { fdb: m.fdb }),
    ...ruleChanges(m),
    ...m.more,
  };
}

function ruleChanges({ rules, removedRules }: Machine): Record<string, unknown> {
  const add = [...rules.values()];
  if (removedRules.length > 0) return { rules: { add, remove: removedRules } };
  return add.length === 0 ? {} : { rules: add };
}
