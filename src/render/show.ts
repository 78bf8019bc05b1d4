import type { NetnsView, View } from '../show/index.ts';
import type { ServiceView } from '../show/service.ts';
import { type Paint, paint } from './paint.ts';
import { section } from './section.ts';
import { addressesOf, cluster, nodes, pods, services } from './show-lists.ts';
import { safe, safeLines } from './text.ts';

/** Tables of the compiled namespaces, services and the cluster. */
export function showText(view: View, { color, width }: { readonly color: boolean; readonly width: number }): string {
  return `${blocksOf(view, paint(color), width).join('\n\n')}\n`;
}

function blocksOf(view: View, p: Paint, width: number): readonly string[] {
  switch (view.kind) {
    case 'Cluster':
      return cluster(view, p, width);
    case 'Nodes':
      return [nodes(view.nodes, p, width)];
    case 'Pods':
      return [pods(view.pods, p, width)];
    case 'Services':
      return [services(view.services, p, width)];
    case 'Service':
      return service(view, p, width);
    case 'Node':
    case 'Pod':
      return netns(view, p, width);
  }
}

/** What its restore command reads; where there are several, comments say where each part begins. */
function rulesets(parts: readonly (readonly [command: string, text: string])[]): readonly string[] {
  const all = parts.filter(([, text]) => text !== '');
  return all.length === 1 ? all.map(([, text]) => text.trimEnd()) : all.map(([command, text]) => `# ${command}\n${text.trimEnd()}`);
}

function netns(view: NetnsView, p: Paint, width: number): readonly string[] {
  const { ruleset, ip6Ruleset, nftRuleset, ipvs } = view;
  if (ruleset !== null && ip6Ruleset !== null && nftRuleset !== null && ipvs !== null) {
    const parts = [
      ['iptables-save', ruleset],
      ['ip6tables-save', ip6Ruleset],
      ['nft list ruleset', nftRuleset],
      ['ipvsadm --save -n', ipvs],
    ] as const;
    return rulesets(parts).map(safeLines);
  }
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
            ['ADDRESS', 'DEVICE', 'STATE', 'MAC', 'EVIDENCE'],
            view.neighbours.map((n) => [n.address, n.device, n.state, n.lladdr ?? '', n.evidence]),
            width,
          ),
        ]),
    ...(view.fdb.length === 0
      ? []
      : [
          section(
            p,
            'Forwarding tables',
            ['DEVICE', 'MAC', 'TO', 'EVIDENCE'],
            view.fdb.map((e) => [e.device, e.lladdr, e.dst ?? 'absent', e.evidence]),
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

function service(view: ServiceView, p: Paint, width: number): readonly string[] {
  const selector = Object.entries(view.selector)
    .map(([k, v]) => `${k}=${v}`)
    .join(',');
  const title = p.strong(`Service ${safe(view.namespace)}/${safe(view.name)}`);
  if (view.externalName !== null) return [`${title}  another name for ${safe(view.externalName)} (ExternalName), without endpoints`];
  const head = `${title}  clusterIP ${addressesOf(view)}, selector ${safe(selector === '' ? 'none' : selector)}`;
  return [
    head,
    ...(view.whyNoEndpoints === null ? [] : [`No ready endpoint: ${safe(view.whyNoEndpoints)}`]),
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
