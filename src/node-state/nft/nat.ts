import { leftSide, rightSide } from './expressions.ts';
import { fieldAt } from './field-names.ts';
import { mapOf } from './field-statements.ts';
import type { Expr, Statement } from './syntax.ts';
import type { Tokens } from './tokens.ts';

const FLAGS = new Set(['random', 'fully-random', 'persistent', ',']);

/** `dnat ip to 10.0.0.1:80`, `masquerade random` */
export function nat(t: Tokens): Statement | null {
  const action = t.text();
  if (action !== 'snat' && action !== 'dnat' && action !== 'masquerade' && action !== 'redirect') return null;
  t.next();
  const family = t.take('ip') ? 'ip' : t.take('ip6') ? 'ip6' : null;
  const from = t.at;
  const isPrefix = t.take('prefix');
  // Up to 1.0.0 nft prints these words before a map of addresses or of prefixes.
  if ((t.take('addr') && t.take('.')) || t.take('interval')) t.take('port');
  let target: NatTarget | null = { to: null, port: null };
  if (t.take('to')) target = natTarget(t);
  else if (t.at !== from) return null;
  if (target === null) return null;
  const flags: string[] = [];
  while (FLAGS.has(t.text())) flags.push(t.next()?.text ?? '');
  return {
    kind: 'nat',
    action,
    family,
    ...target,
    isPrefix,
    isRandom: flags.includes('random'),
    isFullyRandom: flags.includes('fully-random'),
  };
}

interface NatTarget {
  readonly to: Expr | null;
  readonly port: Expr | null;
}

/** An address, a port, both, or a map in which fields of the packet are looked up. */
function natTarget(t: Tokens): NatTarget | null {
  const key = leftSide(t);
  if (key !== null) {
    const mapped = mapOf(t, key);
    if (mapped === null) return null;
    if (!/^:\S/.test(t.text())) return { to: mapped, port: null };
    return { to: mapped, port: { kind: 'word', text: (t.name() ?? '').slice(1) } };
  }
  const word = t.name();
  if (word === null) return null;
  const [, address, field] = /^(.*):([a-z]+)$/.exec(word) ?? [];
  if (address === undefined || field === undefined) return splitPort(word);
  const port = portByMap(t, field);
  return port === null ? null : { to: splitPort(address).to, port };
}

/** `10.0.0.1:tcp dport map { … }`: the colon is of the field's first word. */
function portByMap(t: Tokens, first: string): Expr | null {
  const named = fieldAt((ahead) => (ahead === 0 ? first : t.text(ahead - 1)));
  if (named === null) return null;
  t.skip(named.words - 1);
  if (!t.take('map')) return null;
  const map = rightSide(t);
  return map === null ? null : { kind: 'map', key: { kind: 'field', name: named.name }, map };
}

/** `10.0.0.1:80`, `:80`, `[fd00::1]:80`, `fd00::1` */
function splitPort(word: string): NatTarget {
  const [, address = '', port = null] = /^(\[[^\]]*\](?:-\[[^\]]*\])?|[^:]*):([\d-]+)$/.exec(word) ?? [null, word];
  const bare = address.replace(/[[\]]/g, '');
  return { to: bare === '' ? null : { kind: 'word', text: bare }, port: port === null ? null : { kind: 'word', text: port } };
}
