import type { CniMode, Fact, FactValue } from '../../../k8s/fact.ts';
import { type IpAddress, parseAddress } from '../../../net/address.ts';
import { type Prefix, parseCidr, prefixOf } from '../../../net/prefix.ts';

/** The values of facts as what they stand for; a fact that nothing says has none. */

export const textIn = (value: FactValue): string | null => (typeof value === 'string' ? value : null);
export const numberIn = (value: FactValue): number | null => (typeof value === 'number' ? value : null);
const isListed = (value: FactValue): value is readonly string[] => Array.isArray(value);
export const listIn = (value: FactValue): readonly string[] => (isListed(value) ? value : []);

export const addressesIn = (value: FactValue): readonly IpAddress[] =>
  listIn(value)
    .map(parseAddress)
    .filter((a) => a !== null);

export const prefixesIn = (value: FactValue): readonly Prefix[] =>
  listIn(value)
    .map(parseCidr)
    .flatMap((p) => (p === null ? [] : [prefixOf(p.address, p.length)]));

/** Null: the list is not known, which is no empty one. */
export const prefixesOrNull = (value: FactValue): readonly Prefix[] | null => (isListed(value) ? prefixesIn(value) : null);

const MODES = [
  'bridge',
  'ptp',
  'host-gw',
  'vxlan',
  'vxlan-cross-subnet',
  'ipip',
  'ipip-cross-subnet',
  'geneve',
  'native',
  'fabric',
] as const satisfies readonly CniMode[];

export const modeIn = (value: FactValue): CniMode | null => MODES.find((mode) => mode === value) ?? null;

/** Of a fact that nodes may differ in: a node's own value, or that of all. */
export function valuesOf(facts: readonly Fact[]): (node: string | null) => FactValue {
  const byNode = new Map(facts.map((f) => [f.node, f.value]));
  return (node) => (byNode.has(node) ? byNode.get(node) : byNode.get(null)) ?? null;
}
