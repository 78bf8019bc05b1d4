import type { Overview } from '../show/cluster.ts';
import type { NetnsView, View } from '../show/index.ts';
import type { ServiceView } from '../show/service.ts';
import { type Paint, paint } from './paint.ts';
import { plainTable } from './plain-table.ts';
import { safe, safeLines, wrap } from './text.ts';

/** Tables of the compiled namespaces, services and the cluster. */
export function showText(view: View, { color, width }: { readonly color: boolean; readonly width: number }): string {
  const p = paint(color);
  const blocks =
    view.kind === 'Cluster' ? cluster(view, p, width) : view.kind === 'Service' ? service(view, p, width) : netns(view, p, width);
  return `${blocks.join('\n\n')}\n`;
}

type Cells = readonly (readonly string[])[];

function section(p: Paint, title: string, head: readonly string[], rows: Cells, width: number): string {
  if (rows.length === 0) return `${p.strong(title)}: none`;
  return `${p.strong(title)}\n${plainTable(
    head.map((h) => p.faint(h)),
    head,
    rows,
    width,
  )}`;
}

/** With one family, what its restore command reads; with both, a comment says where ip6tables' part begins. */
function rulesets(ipv4: string, ipv6: string): readonly string[] {
  if (ipv6 === '') return [ipv4.trimEnd()];
  return ipv4 === '' ? [ipv6.trimEnd()] : [`# iptables-save\n${ipv4.trimEnd()}`, `# ip6tables-save\n${ipv6.trimEnd()}`];
}

function netns(view: NetnsView, p: Paint, width: number): readonly string[] {
  if (view.ruleset !== null && view.ip6Ruleset !== null) return rulesets(view.ruleset, view.ip6Ruleset).map(safeLines);
  const title = `${view.kind} ${safe(view.name)}${view.kind === 'Pod' ? ` on ${safe(view.node)}` : ''}`;
  return [
    p.strong(title),
    section(
      p,
      'Devices',
      ['NAME', 'KIND', 'ADDRESSES', 'MTU', 'STATE', 'DETAILS'],
      view.devices.map((d) => [d.name, d.kind, d.addresses.join(' '), String(d.mtu), d.up ? 'up' : 'down', d.details]),
      width,
    ),
    section(
      p,
      'Routing rules',
      ['PRIORITY', 'SELECTOR', 'TABLE'],
      view.rules.map((r) => [String(r.priority), r.selector, r.table]),
      width,
    ),
    section(
      p,
      'Routes',
      ['TABLE', 'ROUTE', 'EVIDENCE'],
      view.routes.map((r) => [r.table, r.route, r.evidence]),
      width,
    ),
    ...(view.neighbours.length === 0
      ? []
      : [
          section(
            p,
            'Neighbours',
            ['ADDRESS', 'DEVICE', 'STATE'],
            view.neighbours.map((n) => [n.address, n.device, n.state]),
            width,
          ),
        ]),
    section(
      p,
      'Sysctls',
      ['NAME', 'VALUE', 'EVIDENCE'],
      view.sysctls.map((s) => [s.name, String(s.value), s.evidence]),
      width,
    ),
    section(
      p,
      'Sockets',
      ['PROCESS', 'LISTENS ON'],
      view.sockets.map((s) => [s.process, s.listens]),
      width,
    ),
  ];
}

/** All that it has; without any, why: it is headless, or another name. */
const addressesOf = ({ clusterIP, clusterIPs }: Pick<ServiceView, 'clusterIP' | 'clusterIPs'>) =>
  clusterIPs.length === 0 ? clusterIP : clusterIPs.join(' ');

function service(view: ServiceView, p: Paint, width: number): readonly string[] {
  const selector = Object.entries(view.selector)
    .map(([k, v]) => `${k}=${v}`)
    .join(',');
  const title = p.strong(`Service ${safe(view.namespace)}/${safe(view.name)}`);
  if (view.externalName !== null) return [`${title}  another name for ${safe(view.externalName)} (ExternalName), without endpoints`];
  const head = `${title}  clusterIP ${addressesOf(view)}, selector ${safe(selector === '' ? 'none' : selector)}`;
  return [
    head,
    ...view.ports.map((port) => {
      const title = `Port ${port.port}/${port.protocol}${port.name === '' ? '' : ` (${port.name})`} to ${port.targetPort}${port.chain === null ? '' : `, ${port.chain}`}`;
      return section(
        p,
        title,
        ['ENDPOINT', 'POD', 'NODE', 'READY', 'CHAIN'],
        port.endpoints.map((e) => [e.address, e.pod ?? '-', e.node ?? '-', e.ready ? 'yes' : 'no', e.chain ?? '-']),
        width,
      );
    }),
  ];
}

function cluster(view: Overview, p: Paint, width: number): readonly string[] {
  const services = view.serviceCIDRs.length === 0 ? 'anywhere' : view.serviceCIDRs.join(' and ');
  const facts = `pods ${view.podCIDRs.join(' and ')}, services ${services}, CNI ${view.cni}, kube-proxy ${view.kubeProxy}`;
  return [
    wrap(facts, width).join('\n'),
    section(
      p,
      'Nodes',
      ['NAME', 'IP', 'PODCIDR', 'PODS'],
      view.nodes.map((n) => [n.name, n.ips.join(' '), n.podCIDRs.join(' '), String(n.pods)]),
      width,
    ),
    section(
      p,
      'Pods',
      ['NAME', 'IP', 'NODE', 'READY'],
      view.pods.map((x) => [x.name, x.ips.join(' '), x.node ?? '-', x.ready ? 'yes' : 'no']),
      width,
    ),
    section(
      p,
      'Services',
      ['NAME', 'CLUSTERIP', 'PORTS', 'ENDPOINTS'],
      view.services.map((s) => [s.name, addressesOf(s), s.ports, String(s.endpoints)]),
      width,
    ),
    ...(view.urls.length === 0
      ? []
      : [
          section(
            p,
            'URLs',
            ['KIND', 'NAME', 'HOSTS', 'SERVED BY', 'CONTROLLER'],
            view.urls.map((u) => [u.kind, u.name, u.hosts.join(' '), u.servedBy ?? 'nobody', u.controller ?? '-']),
            width,
          ),
        ]),
  ];
}
