/** Names of priorities, as nft prints them. Source: std_prios and bridge_std_prios, src/rule.c. */
const IP: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const BRIDGE: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };

/** The number of a priority as nft prints it: `filter + 10`, `-150`. Null: it is none. */
export function priorityOf(words: string, family: string): number | null {
  const [, name = '', sign, more] = /^(-?[a-z0-9]+)(?:\s*([+-])\s*(\d+))?$/.exec(words.trim()) ?? [];
  const names = family === 'bridge' ? BRIDGE : IP;
  const base = Object.hasOwn(names, name) ? (names[name] ?? null) : /^-?\d+$/.test(name) ? Number(name) : null;
  if (base === null) return null;
  return base + (sign === undefined ? 0 : Number(`${sign}${more}`));
}
