import { leftSide } from './expressions.ts';
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
  if (t.take('addr') && t.take('.')) t.take('port');
  let to: Expr | null = null;
  let port: string | null = null;
  if (t.take('to')) {
    const target = natTarget(t);
    if (target === null) return null;
    ({ to, port } = target);
  } else if (t.at !== from) return null;
  if (isPrefix) to = { kind: 'word', text: `prefix ${t.since(from)}` };
  const flags: string[] = [];
  while (FLAGS.has(t.text())) flags.push(t.next()?.text ?? '');
  return { kind: 'nat', action, family, to, port, isRandom: flags.includes('random'), isFullyRandom: flags.includes('fully-random') };
}

interface NatTarget {
  readonly to: Expr | null;
  readonly port: string | null;
}

/** An address, a port, both, or what is looked up for fields of the packet. */
function natTarget(t: Tokens): NatTarget | null {
  const key = leftSide(t);
  if (key !== null) {
    const mapped = mapOf(t, key);
    if (mapped === null) return null;
    const port = /^:\S/.test(t.text()) ? (t.name() ?? '').slice(1) : null;
    return { to: mapped, port };
  }
  const word = t.name();
  return word === null ? null : splitPort(word);
}

/** `10.0.0.1:80`, `:80`, `[fd00::1]:80`, `fd00::1` */
export function splitPort(word: string): NatTarget {
  const [, address = '', port] = /^(\[[^\]]*\](?:-\[[^\]]*\])?|[^:]*):([\d-]+)$/.exec(word) ?? [null, word];
  const bare = address.replace(/[[\]]/g, '');
  return { to: bare === '' ? null : { kind: 'word', text: bare }, port: port ?? null };
}
