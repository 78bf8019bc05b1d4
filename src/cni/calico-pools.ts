import * as z from 'zod';
import type { CniMode } from '../k8s/fact.ts';
import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix, prefixOf } from '../net/prefix.ts';
import { oneOf, prefix, whole } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Path } from '../source/origin.ts';
import type { WrongKey } from './plugin.ts';

/** Calico's IPPools: a pool is given to the nodes in blocks, and says how packets travel between them. */

const mode = oneOf(['Never', 'Always', 'CrossSubnet']);
type Mode = z.output<typeof mode>;

/** The keys of a pool; those of the plugin itself are for pools that leave them out. */
export const poolFields = () => ({
  ipipMode: field(mode.optional(), 'IP in IP between the nodes: Never, Always, or CrossSubnet, between segments only. IPv4 only.'),
  vxlanMode: field(mode.optional(), 'VXLAN between the nodes: Never, Always, or CrossSubnet, between segments only.'),
  natOutgoing: field(z.boolean().optional(), 'Masquerade what its pods send to other than pools.'),
  blockSize: field(
    whole(20, 128).optional(),
    'The length of the blocks that nodes get: 20 to 32, of IPv6 116 to 128; left out, 26 and 122.',
  ),
});

const poolSchema = strict(() => ({ cidr: field(prefix, 'The range of the pool.'), ...poolFields() }));

export const ipPools = z.array(poolSchema).min(1, { error: 'state at least one pool' });

type PoolInput = Omit<z.output<typeof poolSchema>, 'cidr'>;

/** What the plugin states of pools. */
export interface PoolsInput extends PoolInput {
  readonly ipPools?: readonly z.output<typeof poolSchema>[] | undefined;
}

export type Encapsulation = 'none' | 'vxlan' | 'ipip';

export interface Pool {
  readonly cidr: Prefix;
  readonly encapsulation: Encapsulation;
  /** Nodes on one segment send to each other without it. */
  readonly direct: boolean;
  readonly natOutgoing: boolean;
  readonly blockLength: number;
}

/** The pools that are stated, else one for each range of the cluster. */
export const poolsOf = ({ ipPools: stated, ...common }: PoolsInput, podCidrs: readonly Prefix[]): readonly Pool[] =>
  stated === undefined
    ? podCidrs.map((range) => poolOf(range, common))
    : stated.map(({ cidr: range, ...own }) => poolOf(range, { ...common, ...defined(own) }));

/** That of the first pool, as facts name it. */
export function poolsMode({ ipPools: [first] = [], ...common }: PoolsInput): CniMode {
  const { ipipMode = 'Never', vxlanMode = 'Never' } = { ...common, ...defined(first ?? {}) };
  if (vxlanMode !== 'Never') return vxlanMode === 'Always' ? 'vxlan' : 'vxlan-cross-subnet';
  if (ipipMode !== 'Never') return ipipMode === 'Always' ? 'ipip' : 'ipip-cross-subnet';
  return 'native';
}

const defined = (own: PoolInput): PoolInput => Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));

function poolOf(cidr: Prefix, { ipipMode = 'Never', vxlanMode = 'Never', natOutgoing = true, blockSize }: PoolInput): Pool {
  const family = familyOf(cidr.address);
  const ipip: Mode = family === 'IPv4' ? ipipMode : 'Never';
  const encapsulation = vxlanMode !== 'Never' ? 'vxlan' : ipip !== 'Never' ? 'ipip' : 'none';
  const direct = (encapsulation === 'vxlan' ? vxlanMode : ipip) === 'CrossSubnet';
  const blockLength = blockSize !== undefined && fits(blockSize, family) ? blockSize : BLOCK_SIZE[family].usual;
  return { cidr, encapsulation, direct, natOutgoing, blockLength: Math.max(blockLength, cidr.length) };
}

const BLOCK_SIZE = { IPv4: { least: 20, most: 32, usual: 26 }, IPv6: { least: 116, most: 128, usual: 122 } } as const;
const fits = (size: number, family: IpFamily) => size >= BLOCK_SIZE[family].least && size <= BLOCK_SIZE[family].most;

export const poolAt = (pools: readonly Pool[], address: IpAddress): Pool | null => pools.find((p) => contains(p.cidr, address)) ?? null;

/** The block that an address is in; null: no pool has it. */
export function blockAround(pools: readonly Pool[], address: IpAddress): Prefix | null {
  const pool = poolAt(pools, address);
  return pool === null ? null : prefixOf(address, pool.blockLength);
}

export function wrongPools(input: PoolsInput, podCidrs: readonly Prefix[]): readonly WrongKey[] {
  const { ipPools: stated = [], ...common } = input;
  const families = podCidrs.map((p) => familyOf(p.address));
  return [
    ...wrongIn([], common, families.length === 0 ? FAMILIES : families),
    ...stated.flatMap(({ cidr, ...own }, i) => wrongIn(['ipPools', i], { ...common, ...defined(own) }, [familyOf(cidr.address)])),
    ...stated.flatMap(({ cidr }, i) => {
      const earlier = stated.findIndex((s, j) => j < i && (contains(s.cidr, cidr.address) || contains(cidr, s.cidr.address)));
      if (earlier === -1) return [];
      const message = `${formatPrefix(cidr)} overlaps ${formatPrefix(stated[earlier]?.cidr ?? cidr)}, which is ipPools[${earlier}]`;
      return [{ path: ['ipPools', i, 'cidr'], message, hint: 'each address is in one pool' }];
    }),
  ];
}

function wrongIn(
  path: Path,
  { ipipMode = 'Never', vxlanMode = 'Never', blockSize }: PoolInput,
  families: readonly IpFamily[],
): readonly WrongKey[] {
  const both: WrongKey = {
    path: [...path, 'vxlanMode'],
    message: `one of the two is Never: ipipMode is ${ipipMode}`,
    hint: 'leave out either ipipMode or vxlanMode',
  };
  const isSize = blockSize === undefined || families.some((f) => fits(blockSize, f));
  const of = (f: IpFamily) => `${BLOCK_SIZE[f].least} to ${BLOCK_SIZE[f].most} (${f})`;
  const size: WrongKey = {
    path: [...path, 'blockSize'],
    message: `expected a length of ${families.map(of).join(' or ')}`,
    hint: `leave it out, for ${families.map((f) => BLOCK_SIZE[f].usual).join(' and ')}`,
  };
  return [...(ipipMode !== 'Never' && vxlanMode !== 'Never' ? [both] : []), ...(isSize ? [] : [size])];
}
