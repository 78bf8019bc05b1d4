import type { Fact, Saying } from '../../../k8s/fact.ts';
import { FAMILIES, familyOf, type IpAddress, parseAddress } from '../../../net/address.ts';
import { contains, formatPrefix, overlaps, type Prefix, prefixOf, samePrefix } from '../../../net/prefix.ts';
import { around } from './around.ts';
import type { Clues, Machine } from './clues.ts';
import { decide } from './decide.ts';
import { type Told, toldBy } from './node-prefixes.ts';
import { assumes, declares, say } from './saying.ts';
import { addressesIn, prefixesIn } from './values.ts';

/** A network that nodes are on, named segment-1, segment-2, … */
export interface Segment {
  readonly name: string;
  /** At most one of a family. */
  readonly prefixes: readonly Prefix[];
}

interface SegmentFacts {
  readonly segments: readonly Segment[];
  readonly fact: Fact;
  /** node.segment. */
  readonly ofNode: ReadonlyMap<string, Fact>;
}

interface Placed {
  readonly machine: Machine;
  readonly addresses: readonly IpAddress[];
  readonly told: Told | null;
}

/** The cluster's other ranges, which no segment overlaps; but pods may have addresses of their node's network. */
export interface Ranges {
  readonly pods: readonly Prefix[];
  readonly services: readonly Prefix[];
  readonly areUnderlay: boolean;
}

/** Which nodes are on one network, and its range. */
export function segmentFacts(clues: Clues, addresses: ReadonlyMap<string, Fact>, ranges: Ranges): SegmentFacts {
  const placed = clues.machines.map((machine) => ({
    machine,
    addresses: addressesIn(addresses.get(machine.name)?.value ?? null),
    told: toldBy(machine),
  }));
  const stated = clues.given.find((g) => g.fact === 'segments');
  const found = segmentsOf(placed, ranges);
  const segments = named(stated === undefined ? found.ranges : prefixesIn(stated.value).map((p) => [p]));
  const texts = segments.flatMap((s) => s.prefixes.map(formatPrefix));
  const fact = decide(clues.given, 'segments', null, texts.length === 0 ? [] : [{ ...found.saying, value: texts }]);
  const ofNode = placed.map(
    (p) => [p.machine.name, decide(clues.given, 'node.segment', p.machine.name, [placeOf(p, segments, fact)])] as const,
  );
  return { segments, fact, ofNode: new Map(ofNode) };
}

function placeOf({ addresses }: Placed, segments: readonly Segment[], { confidence, source, text }: Fact): Saying {
  const segment = segments.find((s) => s.prefixes.some((p) => addresses.some((a) => contains(p, a))));
  return segment === undefined ? say('unknown', null, null, 'no segment has its address') : say(confidence, source, segment.name, text);
}

const named = (ranges: readonly (readonly Prefix[])[]): readonly Segment[] =>
  ranges.map((prefixes, i) => ({ name: `segment-${i + 1}`, prefixes }));

/** What nodes tell; the rest is assumed to be as few networks as can be. */
function segmentsOf(
  placed: readonly Placed[],
  ranges: Ranges,
): { readonly ranges: readonly (readonly Prefix[])[]; readonly saying: Saying } {
  const told = placed.flatMap((p) => p.told ?? []);
  const known: (readonly Prefix[])[] = [];
  for (const { prefixes } of told) {
    if (!known.some((k) => prefixes.some((p) => k.some((q) => samePrefix(p, q))))) known.push(prefixes);
  }
  const rest = placed.filter((p) => p.addresses.length > 0 && !known.some((k) => k.some((q) => p.addresses.some((a) => contains(q, a)))));
  const [first] = told;
  if (first !== undefined && rest.length === 0)
    return { ranges: known, saying: declares(first.source, null, "a node's address has this prefix length") };
  const taken = [...known.flat(), ...ranges.services, ...(ranges.areUnderlay ? [] : ranges.pods)];
  const zones = byZone(rest, ranges.areUnderlay);
  const guessed = zones ?? split(rest, taken, ranges.areUnderlay);
  const text =
    zones !== null
      ? 'a segment for each zone, with a router between'
      : known.length + guessed.length > 1
        ? 'as few segments as the addresses allow, with a router between'
        : 'one segment with all nodes on it';
  return { ranges: [...known, ...guessed], saying: assumes(null, text) };
}

/** Wide enough for all, and a /24 or /64 at least, as people make them. */
const rangesAround = (placed: readonly Placed[], areUnderlay: boolean): readonly Prefix[] =>
  FAMILIES.flatMap(
    (family) =>
      around(
        placed.flatMap((p) => (areUnderlay ? [...p.addresses, ...podAddresses(p)] : p.addresses)),
        family,
        family === 'IPv4' ? 24 : 64,
      ) ?? [],
  );

const podAddresses = ({ machine }: Placed): readonly IpAddress[] =>
  machine.pods
    .filter(({ data }) => data.spec?.hostNetwork !== true)
    .map(({ data }) => parseAddress(data.status?.podIP ?? ''))
    .filter((a) => a !== null);

/** Zones whose nodes are in other ranges each; null: they are not. */
function byZone(placed: readonly Placed[], areUnderlay: boolean): readonly (readonly Prefix[])[] | null {
  const zones = new Map<string, Placed[]>();
  for (const p of placed) {
    const labels = p.machine.object?.data.metadata.labels;
    const zone = labels?.['topology.kubernetes.io/zone'] ?? labels?.['failure-domain.beta.kubernetes.io/zone'] ?? '';
    const group = zones.get(zone);
    if (group === undefined) zones.set(zone, [p]);
    else group.push(p);
  }
  if (zones.size < 2) return null;
  const ranges = [...zones.values()].map((zone) => rangesAround(zone, areUnderlay));
  return areApart(ranges) ? ranges : null;
}

const areApart = (ranges: readonly (readonly Prefix[])[]): boolean =>
  ranges.every((a, i) => ranges.slice(i + 1).every((b) => !a.some((p) => b.some((q) => meet(p, q)))));

const meet = (p: Prefix, q: Prefix): boolean => familyOf(p.address) === familyOf(q.address) && overlaps(p, q);

/** Nobody has a network wider than private ranges are. */
const WIDEST = 8;

/** One segment; where its range would be absurd, or meet one of another use, its halves, down to /24. */
function split(placed: readonly Placed[], taken: readonly Prefix[], areUnderlay: boolean): readonly (readonly Prefix[])[] {
  if (placed.length === 0) return [];
  const whole = rangesAround(placed, areUnderlay);
  const [range] = whole;
  const isGood = range === undefined || range.length >= 24 || (range.length >= WIDEST && !taken.some((t) => meet(range, t)));
  if (isGood || range === undefined || placed.length === 1) return [whole];
  const lower = prefixOf(range.address, range.length + 1);
  const isLow = (p: Placed) => p.addresses.some((a) => contains(lower, a));
  const [low, high] = [placed.filter(isLow), placed.filter((p) => !isLow(p))];
  if (low.length === 0 || high.length === 0) return [whole];
  const halves = [low, high].flatMap((half) => split(half, taken, areUnderlay));
  return areApart(halves) ? halves : [whole];
}
