import type { NodeLine, Overview, PodLine, ServiceLine } from '../show/cluster.ts';
import type { ServiceView } from '../show/service.ts';
import type { Paint } from './paint.ts';
import { section } from './section.ts';
import { wrap } from './text.ts';

/** Everything in a line each, with the columns of `kubectl get`. */
export function cluster(view: Overview, p: Paint, width: number): readonly string[] {
  const ranges = (cidrs: readonly string[]) => (cidrs.length === 0 ? 'anywhere' : cidrs.join(' and '));
  const facts = `pods ${ranges(view.podCIDRs)}, services ${ranges(view.serviceCIDRs)}, CNI ${view.cni}, kube-proxy ${view.kubeProxy}`;
  return [
    wrap(facts, width).join('\n'),
    nodes(view.nodes, p, width),
    pods(view.pods, p, width),
    services(view.services, p, width),
    ...urls(view, p, width),
  ];
}

export const nodes = (lines: readonly NodeLine[], p: Paint, width: number): string =>
  section(
    p,
    'Nodes',
    ['NAME', 'IP', 'PODCIDR', 'PODS'],
    lines.map((n) => [n.name, listed(n.ips), listed(n.podCIDRs), String(n.pods)]),
    width,
  );

export const pods = (lines: readonly PodLine[], p: Paint, width: number): string =>
  section(
    p,
    'Pods',
    ['NAME', 'READY', 'STATUS', 'IP', 'NODE'],
    lines.map((x) => [x.name, x.ready ? 'yes' : 'no', x.terminating ? 'Terminating' : x.phase, listed(x.ips), x.node ?? '-']),
    width,
  );

export const services = (lines: readonly ServiceLine[], p: Paint, width: number): string =>
  section(
    p,
    'Services',
    ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'ENDPOINTS'],
    lines.map((s) => [s.name, s.type, addressesOf(s), externalOf(s), portsOf(s), endpointsOf(s)]),
    width,
  );

export const urls = (view: Overview, p: Paint, width: number): readonly string[] =>
  view.urls.length === 0
    ? []
    : [
        section(
          p,
          'URLs',
          ['KIND', 'NAME', 'HOSTS', 'SERVED BY', 'CONTROLLER'],
          view.urls.map((u) => [u.kind, u.name, u.hosts.join(' '), u.servedBy ?? 'nobody', u.controller ?? '-']),
          width,
        ),
      ];

const listed = (items: readonly string[]) => (items.length === 0 ? '-' : items.join(' '));

/** All that it has; without any, why: it is headless, or another name. */
export const addressesOf = ({ clusterIP, clusterIPs }: Pick<ServiceView, 'clusterIP' | 'clusterIPs'>): string =>
  clusterIPs.length === 0 ? clusterIP : clusterIPs.join(' ');

/** A load balancer without an address waits for one. */
const externalOf = ({ type, externalIPs }: ServiceLine) =>
  externalIPs.length > 0 ? externalIPs.join(' ') : type === 'LoadBalancer' ? 'pending' : '-';

/** `80:30080/tcp`: a port, and the port of the nodes that leads to it. */
function portsOf({ ports, nodePorts }: ServiceLine): string {
  const each = ports === '' ? [] : ports.split(', ');
  return listed(each.map((port, i) => (nodePorts[i] == null ? port : port.replace('/', `:${nodePorts[i]}/`))));
}

const endpointsOf = ({ endpoints, whyNoEndpoints: why }: ServiceLine) => (why === null ? String(endpoints) : `${endpoints}: ${why}`);
