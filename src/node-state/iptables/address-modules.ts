import { matchSet } from '../../datapath/netfilter/ipset.ts';
import type { AddressType, Lack, Match } from '../../datapath/netfilter/match.ts';
import { familyOf, parseAddress } from '../../net/address.ts';
import { type Context, each, type Module, type Stated, taking } from './module.ts';

/** Match modules about addresses and devices. */
export const addressModules: Readonly<Record<string, Module>> = {
  iprange: each(taking('--src-range --dst-range'), ({ name, args: [text = ''], negated }, { family }) => {
    const [first, last = first, ...rest] = text.split('-').map(parseAddress);
    if (first == null || last == null || rest.length > 0 || familyOf(first) !== family || familyOf(last) !== family) return null;
    return { kind: name === '--src-range' ? 'src-range' : 'dst-range', first, last, negated };
  }),
  addrtype: { options: taking('--src-type --dst-type', '--limit-iface-in --limit-iface-out'), read: readAddressTypes },
  set: {
    options: {
      '--match-set': 2,
      '--set': 2,
      ...taking(
        '--packets-eq --packets-lt --packets-gt --bytes-eq --bytes-lt --bytes-gt',
        '--return-nomatch --update-counters --update-subcounters',
      ),
    },
    read: readSet,
    lacks: missingSet,
  },
  physdev: each(
    taking('--physdev-in --physdev-out', '--physdev-is-in --physdev-is-out --physdev-is-bridged'),
    ({ name, args: [device = ''], negated }) => {
      switch (name) {
        case '--physdev-in':
        case '--physdev-out':
          return { kind: name === '--physdev-in' ? 'physdev-in' : 'physdev-out', name: device, negated };
        case '--physdev-is-in':
          return { kind: 'physdev-is-in', negated };
        case '--physdev-is-out':
          return { kind: 'physdev-is-out', negated };
        default:
          return { kind: 'physdev-is-bridged', negated };
      }
    },
  ),
  rpfilter: {
    options: taking('', '--loose --validmark --accept-local --invert'),
    read: (options) => {
      const has = (name: string) => options.some((o) => o.name === name);
      return [
        {
          kind: 'rpfilter',
          ...(has('--loose') ? { loose: true } : {}),
          ...(has('--validmark') ? {} : { unmarked: true }),
          ...(has('--accept-local') ? { acceptLocal: true } : {}),
          negated: has('--invert'),
        },
      ];
    },
  },
};

/** The types of addresses, as rtnetlink has them. */
const TYPES: ReadonlySet<string> = new Set(
  'UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT THROW NAT XRESOLVE'.split(' '),
);

/** Types that the kernel looks for in all routing tables where the packet is of IPv6: not modelled. */
const BY_ROUTE: readonly string[] = ['UNREACHABLE', 'PROHIBIT'];

function readAddressTypes(options: readonly Stated[], { family }: Context): readonly Match[] | null {
  const has = (name: string) => options.some((o) => o.name === name);
  const on = has('--limit-iface-in') ? { on: 'in' as const } : has('--limit-iface-out') ? { on: 'out' as const } : {};
  const found: Match[] = [];
  for (const { name, args, negated } of options) {
    if (name !== '--src-type' && name !== '--dst-type') continue;
    const end = name === '--src-type' ? 'src' : 'dst';
    const types = (args[0] ?? '').toUpperCase().split(',');
    if (!types.every((t) => TYPES.has(t)) || (family === 'IPv6' && types.some((t) => BY_ROUTE.includes(t)))) return null;
    const [only] = types;
    if (types.length === 1 && isSimple(only, family)) found.push({ kind: `${end}-type`, type: only, ...on, negated });
    else found.push({ kind: 'addrtype', end, types, ...on, negated });
  }
  return found;
}

/** Has the type a match of its own? UNICAST of IPv6 has none, because it includes the machine's own addresses. */
const isSimple = (type: string | undefined, family: 'IPv4' | 'IPv6'): type is AddressType =>
  type === 'LOCAL' || type === 'MULTICAST' || (family === 'IPv4' && (type === 'UNICAST' || type === 'BROADCAST'));

function readSet(options: readonly Stated[], { sets, family }: Context): readonly Match[] | null {
  const found: Match[] = [];
  for (const { name, args, negated } of options) {
    const [set, directions = ''] = args;
    if (name === '--update-counters' || name === '--update-subcounters') continue;
    if ((name !== '--match-set' && name !== '--set') || set === undefined) return null;
    const known = sets(set);
    const asked = directions.split(',');
    if (known === undefined || !asked.every((d) => d === 'src' || d === 'dst')) return null;
    const match = matchSet(known, asked, family);
    if (match === null) return null;
    found.push({ ...match, negated });
  }
  return found;
}

/** The elements that a target SET adds or deletes (`--add-set NAME src`), on which later matches on the set depend. */
export function writesToSets(options: readonly Stated[], { sets, family }: Context): readonly Match[] {
  return options.flatMap(({ name, args: [set = '', directions = ''] }): readonly Match[] => {
    const known = name === '--add-set' || name === '--del-set' ? sets(set) : undefined;
    const match = known === undefined ? null : matchSet(known, directions.split(',').filter(isDirection), family);
    if (match === null) return [];
    const { key, set: into, directions: asked = [] } = match;
    return [{ kind: 'update', key, set: into, directions: asked, ...(name === '--del-set' ? { takesOut: true } : {}) }];
  });
}

const isDirection = (word: string) => word === 'src' || word === 'dst';

/** The set of a match that no file has; null: all sets are there. */
function missingSet(options: readonly Stated[], { sets }: Context): Lack | null {
  const name = options.find((o) => o.name === '--match-set' && sets(o.args[0] ?? '') === undefined)?.args[0];
  return name === undefined ? null : { what: `the set ${name}`, command: 'ipset save' };
}
