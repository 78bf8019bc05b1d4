import type { Fields } from './entry.ts';

/** Words of `ip rule` with a value, and their fields in `ip -j rule`. */
const VALUES: Readonly<Record<string, string>> = {
  from: 'src',
  to: 'dst',
  tos: 'tos',
  dsfield: 'tos',
  dscp: 'dscp',
  iif: 'iif',
  oif: 'oif',
  uidrange: 'uid_start',
  ipproto: 'ipproto',
  sport: 'sport',
  dport: 'dport',
  tun_id: 'tun_id',
  flowlabel: 'flowlabel',
  lookup: 'table',
  table: 'table',
  suppress_prefixlength: 'suppress_prefixlen',
  suppress_ifgroup: 'suppress_ifgroup',
  realms: 'flow',
  goto: 'goto',
  'map-to': 'nat_gateway',
  proto: 'protocol',
  protocol: 'protocol',
};

const ALONE: Readonly<Record<string, Fields>> = {
  not: { not: null },
  '[detached]': { iif_detached: null },
  '[unresolved]': { unresolved: null },
  nop: { nop: null },
  masquerade: { masquerade: null },
  l3mdev: { l3mdev: null },
  blackhole: { action: 'blackhole' },
  unreachable: { action: 'unreachable' },
  prohibit: { action: 'prohibit' },
};

export const RULE_LINE = /^(\d+):\s+((?:not )?from .*)$/;

/** `100:	from 10.1.0.0/16 iif cni0 lookup 100` in the fields of `ip -j rule`. */
export function ruleFields(line: string): Fields {
  const [, priority, rest = ''] = RULE_LINE.exec(line) ?? [];
  const words = rest.trim().split(/\s+/);
  const fields: Record<string, unknown> = { priority };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const key = Object.hasOwn(VALUES, word) ? VALUES[word] : undefined;
    const alone = Object.hasOwn(ALONE, word) ? ALONE[word] : undefined;
    if (word === 'fwmark') Object.assign(fields, markFields(words[++i] ?? ''));
    else if (word === 'lookup' && words[i + 1] === '[l3mdev-table]') fields['l3mdev'] = words[++i];
    else if (key !== undefined) fields[key] = words[++i] ?? '';
    else Object.assign(fields, alone ?? { [word]: null });
  }
  return fields;
}

function markFields(word: string): Fields {
  const [fwmark, fwmask] = word.split('/');
  return fwmask === undefined ? { fwmark } : { fwmark, fwmask };
}
