import { formatAddress, formatEndpoint, type IpAddress } from '../../net/address.ts';
import { formatPrefix, hostPrefix, isHostPrefix } from '../../net/prefix.ts';
import type { Match, PortRange } from './match.ts';
import { type IptablesTable, type Rule, type Ruleset, TABLE_HOOKS, type TableName } from './ruleset.ts';
import type { Selector } from './sets.ts';
import type { Target } from './target.ts';
import { tcpFlagNames } from './tcp-flags.ts';
import { untoldText } from './untold.ts';

const TABLES: readonly TableName[] = ['raw', 'mangle', 'filter', 'nat', 'security'];

/** The ruleset as iptables-save, or ip6tables-save, prints it, counters and date left out, so that iptables-restore accepts it. */
export function iptablesSave(ruleset: Ruleset, without: ReadonlyMap<TableName, unknown> = new Map()): string {
  const tables = TABLES.flatMap((name) => (without.has(name) ? [] : (ruleset.tables[name] ?? [])));
  const beside = (ruleset.beside ?? []).filter(({ name }) => !without.has(name));
  return [...tables.map(tableText), ...beside.map((table) => `# of iptables-nft\n${tableText(table)}`)].join('');
}

function tableText(table: IptablesTable): string {
  const chains = [...table.chains()];
  const rules = chains.flatMap((c) => c.rules().map((r) => ruleLine(c.name, r)));
  const names = chains.map((c) => c.name);
  return `${[...tableHead(table.name, table.policies, names), ...rules, 'COMMIT'].join('\n')}\n`;
}

/**
 * A remark for rules beside which policies are judged at points of their own, as they are compiled: read back as found on a node, it says that
 * rules of an enforcer are not missing there.
 */
export const POLICIES_APART = '# Policies are enforced beside these rules.';

export const judgesApart = ({ hooks }: Ruleset): boolean =>
  Object.values(hooks).some((entries) => entries.some((e) => e.kind === 'policy'));

const ruleLine = (chain: string, rule: Rule): string =>
  rule.target?.kind === 'untold' ? printIptablesRule(rule) : `-A ${chain} ${printIptablesRule(rule)}`.trimEnd();

/** The lines of iptables-save before the rules of a table: its name, and its chains, those of the hooks first. */
export function tableHead(table: TableName, policies: IptablesTable['policies'], chains: readonly string[]): readonly string[] {
  const hooks = TABLE_HOOKS[table];
  const own = chains.filter((name) => !hooks.some((h) => h === name));
  return [`*${table}`, ...hooks.map((h) => `:${h} ${policies.get(h) ?? 'ACCEPT'} [0:0]`), ...own.map((name) => `:${name} - [0:0]`)];
}

/** A rule without its `-A CHAIN`, the matches in the order in which iptables-save writes them (facts: measured with iptables 1.8.9). */
export function printIptablesRule(rule: Rule): string {
  if (rule.listed !== undefined) return rule.listed;
  const words = [...rule.matches].sort((a, b) => rank(a) - rank(b)).map(printIptablesMatch);
  const modules = rule.matches.filter((m) => rank(m) > LAST_BASIC).length;
  const comment = rule.comment === null ? [] : [`-m comment --comment ${quote(rule.comment)}`];
  const basic = words.length - modules;
  const target = rule.target === null ? [] : [printTarget(rule.target)];
  return [...words.slice(0, basic), ...comment, ...words.slice(basic), ...target].join(' ');
}

const BASIC: readonly Match['kind'][] = ['source', 'destination', 'in-interface', 'out-interface', 'protocol'];
const LAST_BASIC = BASIC.length - 1;

function rank(match: Match): number {
  const basic = BASIC.indexOf(match.kind);
  return basic === -1 ? LAST_BASIC + 1 : basic;
}

export function printIptablesMatch(m: Match): string {
  const not = 'negated' in m && m.negated ? '! ' : '';
  switch (m.kind) {
    case 'source':
      return `${not}-s ${formatPrefix(m.prefix)}`;
    case 'destination':
      return `${not}-d ${formatPrefix(m.prefix)}`;
    case 'protocol':
      return `${not}-p ${m.protocol}`;
    case 'sport':
    case 'dport':
      return `-m ${m.protocol} ${not}--${m.kind} ${m.first === m.last ? m.first : `${m.first}:${m.last}`}`;
    case 'sports':
    case 'dports':
    case 'ports':
      return `-m multiport ${not}--${m.kind} ${m.ports.map((p) => ports(p)).join(',')}`;
    case 'src-range':
    case 'dst-range':
      return `-m iprange ${not}--${m.kind} ${formatAddress(m.first)}-${formatAddress(m.last)}`;
    case 'tcp-flags':
      return `-m tcp ${not}--tcp-flags ${flagNames(m.mask)} ${flagNames(m.set)}`;
    case 'icmp-type':
      return `-m icmp ${not}--icmp-type ${m.type}${m.code.first === m.code.last ? `/${m.code.first}` : ''}`;
    case 'addrtype':
      return `-m addrtype ${not}--${m.end}-type ${m.types.join(',')}${m.on === undefined ? '' : ` --limit-iface-${m.on}`}`;
    case 'ct-address':
      return `-m conntrack ${not}--${tupleField(m)} ${isHostPrefix(m.prefix) ? formatAddress(m.prefix.address) : formatPrefix(m.prefix)}`;
    case 'ct-port':
      return `-m conntrack ${not}--${tupleField(m)}port ${ports(m)}`;
    case 'ct-protocol':
      return `-m conntrack ${not}--ctproto ${m.protocol}`;
    case 'ct-direction':
      return `-m conntrack ${not}--ctdir ${m.direction.toUpperCase()}`;
    case 'ct-status':
      return `-m conntrack ${not}--ctstatus ${m.statuses.length === 0 ? 'NONE' : m.statuses.join(',')}`;
    case 'mark':
    case 'connmark':
      return `-m ${m.kind} ${not}--mark ${hex(m.value)}/${hex(m.mask)}`;
    case 'ctstate':
      return `-m conntrack ${not}--ctstate ${m.states.join(',')}`;
    case 'src-type':
    case 'dst-type':
      return `-m addrtype ${not}--${m.kind} ${m.type}${m.on === undefined ? '' : ` --limit-iface-${m.on}`}`;
    case 'rpfilter':
      return [
        '-m rpfilter',
        m.loose && '--loose',
        m.unmarked ? '' : '--validmark',
        m.acceptLocal && '--accept-local',
        m.negated && '--invert',
      ]
        .filter(Boolean)
        .join(' ');
    case 'in-interface':
      return `${not}-i ${m.name}`;
    case 'out-interface':
      return `${not}-o ${m.name}`;
    case 'physdev-in':
    case 'physdev-out':
      return `-m physdev ${not}--${m.kind} ${m.name}`;
    case 'physdev-is-bridged':
    case 'physdev-is-in':
    case 'physdev-is-out':
      return `-m physdev ${not}--${m.kind}`;
    case 'ttl':
      return `-m ttl ${not}--ttl-${m.compare} ${m.value}`;
    case 'tos':
      return `-m tos ${not}--tos ${hex(m.value)}/${hex(m.mask)}`;
    case 'recent':
      return `-m recent ${m.action === 'set' ? '--set' : `--rcheck --seconds ${m.seconds} --reap`} --name ${m.list} --mask ${formatAddress(m.mask)} --rsource`;
    case 'statistic':
      if (m.nth !== undefined) return `-m statistic --mode nth --every ${m.nth.every} --packet ${m.nth.packet}`;
      return `-m statistic --mode random --probability ${m.probability.toFixed(10)}`;
    case 'owner':
    case 'socket':
    case 'fixed':
    case 'unknown':
      return m.text;
    case 'ipvs':
      return `-m ipvs --vaddr ${formatPrefix(hostPrefix(m.address))} --vproto ${m.protocol} --vport ${m.port}`;
    case 'lookup':
      return `-m set ${not}--match-set ${m.set.name} ${m.directions?.join(',') ?? directions(m.key)}`;
    case 'bits':
      return `${not}-${m.field.endsWith('saddr') ? 's' : 'd'} ${formatAddress(m.value as IpAddress)}/${formatAddress(m.mask as IpAddress)}`;
    case 'length':
      return `-m length ${not}--length ${ports(m)}`;
    case 'update':
      throw new Error(`iptables has no ${m.kind}`);
  }
}

function printTarget(t: Target): string {
  switch (t.kind) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return `-j ${t.kind}`;
    case 'REJECT':
      return `-j REJECT --reject-with ${t.with}`;
    case 'MARK':
      return `-j MARK --set-xmark ${hex(t.value)}/${hex(t.mask)}`;
    case 'CONNMARK':
      if (t.action === 'set') return `-j CONNMARK --set-xmark ${hex(t.value)}/${hex(t.mask)}`;
      return `-j CONNMARK --${t.action}-mark ${connmarkMasks(t)}`;
    case 'DNAT':
      return `-j DNAT --to-destination ${t.port === null ? formatAddress(t.address) : formatEndpoint(t.address, t.port)}`;
    case 'DNAT-PORT':
      return `-j DNAT --to-destination :${t.port}`;
    case 'REDIRECT':
      return `-j REDIRECT${t.port === null ? '' : ` --to-ports ${t.port}`}`;
    case 'NETMAP':
      return `-j NETMAP --to ${formatPrefix(t.prefix)}`;
    case 'SNAT':
      return `-j SNAT --to-source ${t.ports === undefined ? formatAddress(t.address) : formatEndpoint(t.address, ports(t.ports, '-'))}${chosen(t)}`;
    case 'MASQUERADE':
      return `-j MASQUERADE${t.ports === undefined ? '' : ` --to-ports ${ports(t.ports, '-')}`}${chosen(t)}`;
    case 'TTL':
      return t.family === 'IPv4' ? `-j TTL --ttl-${t.action} ${t.value}` : `-j HL --hl-${t.action} ${t.value}`;
    case 'NOTRACK':
      return '-j CT --notrack';
    case 'jump':
      return `-j ${t.chain}`;
    case 'goto':
      return `-g ${t.chain}`;
    case 'unmodelled':
      return t.text;
    case 'untold':
      return untoldText(t);
    case 'vmap':
    case 'numgen':
    case 'CONTINUE':
      throw new Error(`iptables has no ${t.kind}`);
  }
}

const ports = (p: number | PortRange, to = ':'): string =>
  typeof p === 'number' ? `${p}` : p.first === p.last ? `${p.first}` : `${p.first}${to}${p.last}`;

const flagNames = (bits: number): string => tcpFlagNames(bits).join(',') || 'NONE';

const tupleField = ({ direction, end }: Extract<Match, { kind: 'ct-address' | 'ct-port' }>) =>
  `ct${direction === 'original' ? 'orig' : 'repl'}${end === 'source' ? 'src' : 'dst'}`;

function connmarkMasks({ action, mask, from = mask }: Extract<Target, { kind: 'CONNMARK'; action: 'save' | 'restore' }>): string {
  const [nf, ct] = action === 'save' ? [from, mask] : [mask, from];
  return `--nfmask ${hex(nf)} --ctmask ${hex(ct)}`;
}

const chosen = (t: { readonly random?: true; readonly randomFully?: boolean }): string =>
  `${t.random === true ? ' --random' : ''}${t.randomFully === true ? ' --random-fully' : ''}`;

/** The set's type has the protocol together with the port. */
const directions = (key: readonly Selector[]) =>
  key
    .filter((selector) => selector !== 'meta l4proto')
    .map((selector) => (selector.endsWith('saddr') || selector.endsWith('sport') ? 'src' : 'dst'))
    .join(',');

const hex = (n: number) => `0x${n.toString(16)}`;

/** iptables-restore reads a quoted word with backslash escapes; control characters cannot be part of a comment. */
function quote(text: string): string {
  return `"${text.replace(/\p{Cc}/gu, '?').replace(/["\\]/g, '\\$&')}"`;
}
