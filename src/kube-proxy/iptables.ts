import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule, TableName } from '../datapath/netfilter/ruleset.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { answersOnLocalhost, compileServices } from './iptables-dispatch.ts';
import type { ProxyMode } from './mode.ts';

/** kube-proxy in iptables mode. Source: pkg/proxy/iptables/proxier.go. */
export const iptablesMode: ProxyMode = {
  name: 'iptables',
  compile(cluster, family) {
    const { origin } = cluster.kubeProxy;
    const localhostNodePorts = answersOnLocalhost(cluster.kubeProxy, family);
    const jumps = jumpRules(inferred(origin.locus));
    const chainsOn = compileServices(cluster, family);
    return {
      program(node, rules, { sysctls }) {
        for (const { table, hook, rule } of jumps) rules.append(table, hook, rule);
        rules.share(chainsOn(node));
        // Connections to 127.0.0.1:NODEPORT would else be dropped as martian.
        if (localhostNodePorts) sysctls.set('net.ipv4.conf.all.route_localnet', { value: 1, origin: inferred(origin.locus) });
      },
    };
  },
};

const NEW: Match = { kind: 'ctstate', states: ['NEW'], negated: false };

/** The jumps from the base chains. kube-proxy prepends them one by one, so the last one of its list comes first. */
function jumpRules(origin: Origin): readonly { table: TableName; hook: string; rule: Rule }[] {
  const jump = (table: TableName, hook: string, chain: string, comment: string | null, matches: readonly Match[] = []) => ({
    table,
    hook,
    rule: { matches, target: { kind: 'jump', chain }, comment, origin } as const,
  });
  const firewall = (hook: string) => jump('filter', hook, 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', [NEW]);
  const services = (hook: string) => jump('filter', hook, 'KUBE-SERVICES', 'kubernetes service portals', [NEW]);
  const external = (hook: string) => jump('filter', hook, 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', [NEW]);
  return [
    firewall('INPUT'),
    jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
    external('INPUT'),
    jump('filter', 'INPUT', 'KUBE-FIREWALL', null),
    firewall('FORWARD'),
    jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    services('FORWARD'),
    external('FORWARD'),
    firewall('OUTPUT'),
    services('OUTPUT'),
    jump('filter', 'OUTPUT', 'KUBE-FIREWALL', null),
    jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  ];
}
