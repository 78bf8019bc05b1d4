import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Policy, PolicyPeer } from '../k8s/policy/policy.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, DEFAULT_PREFIX, formatPrefix, lastAddress, type Prefix, prefixOf, samePrefix } from '../net/prefix.ts';

/** The addresses of a family, cut where the address blocks of policies begin and end. Blocks are nested or apart, so that the innermost one says in which an address is. */
export interface Blocks {
  readonly prefixes: readonly Prefix[];
}

export function blocksOf(policies: readonly Policy[], directions: readonly PolicyDirection[], family: IpFamily): Blocks {
  const all = new Map([[formatPrefix(DEFAULT_PREFIX[family]), DEFAULT_PREFIX[family]]]);
  for (const policy of policies)
    for (const rule of directions.flatMap((d) => policy[d] ?? []))
      for (const prefix of (rule.peers ?? []).flatMap(prefixesOf))
        if (familyOf(prefix.address) === family) all.set(formatPrefix(prefix), prefix);
  return { prefixes: [...all.values()].sort((a, b) => b.length - a.length) };
}

function prefixesOf(peer: PolicyPeer): readonly Prefix[] {
  if (peer.kind === 'networks') return [...peer.cidrs, ...peer.except];
  return peer.kind === 'redacted' && peer.within !== null ? [peer.within] : [];
}

/** The innermost block with the address. */
export const blockWith = ({ prefixes }: Blocks, address: IpAddress): Prefix | undefined => prefixes.find((p) => contains(p, address));

/** Prefixes of which the same is said. */
export interface Part<T> {
  readonly said: T;
  readonly prefixes: readonly Prefix[];
}

/**
 * What is said of all addresses, each part in as few prefixes as it takes. `say` is asked of prefixes that no block cuts; null: nobody has an address of
 * this one, so that anything may be said of it.
 */
export function partsOf<T>({ prefixes }: Blocks, say: (prefix: Prefix, block: Prefix) => T | null): readonly Part<T>[] {
  const found = new Map<T, Prefix[]>();
  const add = (said: T, prefix: Prefix) => {
    const known = found.get(said);
    if (known === undefined) found.set(said, [prefix]);
    else known.push(prefix);
  };
  /** What is said of all of a prefix; `cut`: it was not the same, and is added. */
  const visit = (prefix: Prefix, block: Prefix, inside: readonly Prefix[]): T | null | 'cut' => {
    const own = inside.find((p) => samePrefix(p, prefix));
    const within = own === undefined ? inside : inside.filter((p) => p !== own);
    if (within.length === 0) return say(prefix, own ?? block);
    const halves = halvesOf(prefix).map((half) => ({
      half,
      said: visit(
        half,
        own ?? block,
        within.filter((p) => contains(half, p.address)),
      ),
    }));
    const said = new Set(halves.map((h) => h.said).filter((s) => s !== null));
    const [only] = said;
    if (said.size < 2) return only ?? null;
    for (const h of halves) if (h.said !== null && h.said !== 'cut') add(h.said, h.half);
    return 'cut';
  };
  const whole = prefixes.at(-1);
  if (whole === undefined) return [];
  const said = visit(whole, whole, prefixes.slice(0, -1));
  if (said !== null && said !== 'cut') add(said, whole);
  return [...found].map(([s, p]) => ({ said: s, prefixes: p }));
}

function halvesOf(prefix: Prefix): readonly Prefix[] {
  const length = prefix.length + 1;
  return [prefixOf(prefix.address, length), prefixOf(lastAddress(prefix), length)];
}
