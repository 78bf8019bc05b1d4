import type { Firewall, FirewallRule, PortRange } from '../../k8s/network.ts';
import type { TransportProtocol } from '../../k8s/pod.ts';
import { cidr, contains, type Prefix } from '../../net/prefix.ts';
import { declared, inferred, type Path } from '../../source/origin.ts';
import type { FirewallInput, FirewallRuleInput } from '../schema/network.ts';
import type { Report } from './report.ts';

const ANYWHERE = cidr('0.0.0.0/0');
const FIELD = { edge: 'internet', underlay: 'underlay' } as const;

/** A list of rules, or a mapping with a default. A rule that an earlier one leaves nothing to do for is said, with both places. */
export function readFirewall(report: Report, form: FirewallInput | undefined, where: Firewall['where']): Firewall | null {
  if (form === undefined) return null;
  const base: Path = [FIELD[where], 'firewall'];
  const isList = Array.isArray(form);
  const path: Path = isList ? base : [...base, 'rules'];
  const rules = (isList ? form : form.rules).map((rule, i) => readRule(report, rule, [...path, i], where, i));
  warnShadowed(report, rules, path);
  const stated = isList ? undefined : form.default;
  const origin =
    stated === undefined ? inferred(report.locus(base, OBJECT[where])) : declared(report.locus([...base, 'default'], OBJECT[where]));
  return { where, rules, otherwise: { action: stated ?? 'allow', origin } };
}

const OBJECT = { edge: 'Firewall/internet', underlay: 'Firewall/underlay' } as const;

function readRule(report: Report, form: FirewallRuleInput, path: Path, where: Firewall['where'], index: number): FirewallRule {
  const { name, action, from, to, protocol } = form;
  if (protocol !== undefined && form.ports !== undefined)
    report.error([...path, 'protocol'], 'bad-value', 'ports say their protocol themselves, as 53/udp', 'leave protocol out');
  const ports = (form.ports ?? []).flatMap((text, i) => readPorts(report, String(text), [...path, 'ports', i]));
  const origin = declared(report.locus(path, `${OBJECT[where]}/${index + 1}`));
  return { name: name ?? null, action, from: from ?? ANYWHERE, to: to ?? ANYWHERE, protocol: protocol ?? null, ports, origin };
}

/** `22/tcp`, `30000-32767`, `53/udp` */
function readPorts(report: Report, text: string, path: Path): readonly PortRange[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  if (first >= 1 && last <= 65535 && first <= last) return [{ first, last, protocol: protocol as TransportProtocol }];
  report.error(path, 'bad-value', `${text} is no port from 1 to 65535, and no range of them from low to high`);
  return [];
}

function warnShadowed(report: Report, rules: readonly FirewallRule[], path: Path): void {
  for (const [i, rule] of rules.entries()) {
    const earlier = rules.slice(0, i).findIndex((e) => covers(e, rule));
    if (earlier !== -1)
      report.warn(
        [...path, i],
        'firewall-rule-never-met',
        `the rule at ${report.place([...path, earlier])} decides all that this one is about`,
        'put this one before it, or leave it out',
      );
  }
}

function covers(wide: FirewallRule, narrow: FirewallRule): boolean {
  return holds(wide.from, narrow.from) && holds(wide.to, narrow.to) && coversPorts(wide, narrow);
}

const holds = (wide: Prefix, narrow: Prefix) => wide.length === 0 || (wide.length <= narrow.length && contains(wide, narrow.address));

function coversPorts(wide: FirewallRule, narrow: FirewallRule): boolean {
  if (wide.ports.length === 0 && wide.protocol === null) return true;
  if (wide.ports.length === 0)
    return narrow.ports.length === 0 ? narrow.protocol === wide.protocol : narrow.ports.every((p) => p.protocol === wide.protocol);
  return (
    narrow.ports.length > 0 &&
    narrow.ports.every((n) => wide.ports.some((w) => w.protocol === n.protocol && w.first <= n.first && w.last >= n.last))
  );
}
