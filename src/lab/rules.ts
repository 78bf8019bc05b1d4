import type { FoundState } from '../datapath/found-state.ts';
import { iptablesSave } from '../datapath/netfilter/iptables-save.ts';
import { nftList, nftTables } from '../datapath/netfilter/nft-list.ts';
import type { NftTable, Ruleset } from '../datapath/netfilter/ruleset.ts';
import type { Netns } from '../datapath/netns.ts';
import { type FoundInput, foundInputs } from './found-rules.ts';
import { heredoc } from './here-document.ts';
import { fileOf } from './names.ts';

/** A shell's function: the program says which line it is that it does not load, and this says of what. */
export const REFUSED = 'refused() { echo "refused: $1 $2" >&2; exit 1; }';

/**
 * Shell lines that load a namespace's rules, in the order in which the tables came: of two chains at one place, the kernel asks the later
 * one first. What was found is loaded as it was printed, in the place of what was compiled.
 */
export function ruleLines({ name, rulesets }: Netns, found: FoundState | null): readonly string[] {
  const file = fileOf(name);
  const cameBefore = (r: Ruleset) => r.nft.slice(0, r.nftBefore);
  const before = new Set([...cameBefore(rulesets.IPv4), ...cameBefore(rulesets.IPv6)]);
  const nft = found?.nft == null ? nftTables(rulesets) : [];
  const inputs = (found === null ? [] : foundInputs(found)).map((input) => ({ input, line: foundPart(file, input) }));
  const loaded = (...programs: readonly string[]) => inputs.flatMap(({ input, line }) => (programs.includes(input.loader) ? [line] : []));
  const nftFound = loaded('nft -f -', 'nft -j -f -');
  const isFoundBefore = found?.nft?.some((t) => before.has(t)) === true;
  const isBalanced = Object.values(rulesets).some((r) => r.ipvs !== undefined);
  return [
    ...(isBalanced ? [': virtual servers of IPVS'] : []),
    ...nftLines(
      file,
      nft.filter((t) => before.has(t)),
    ),
    ...(isFoundBefore ? nftFound : []),
    ...restoreLines(file, 'iptables', iptablesSave(rulesets.IPv4, found?.iptables.IPv4)),
    ...restoreLines(file, 'ip6tables', iptablesSave(rulesets.IPv6, found?.iptables.IPv6)),
    ...loaded('ipset restore', 'iptables-restore', 'ip6tables-restore'),
    ...(isFoundBefore ? [] : nftFound),
    ...nftLines(
      file,
      nft.filter((t) => !before.has(t)),
    ),
  ];
}

const foundPart = (file: string, { loader, lines }: FoundInput): string =>
  heredoc(
    `in_netns ${file} ${loader}`,
    lines.map((l) => l.text),
    ` || refused ${file} '${loader}'`,
  );

const nftLines = (file: string, tables: readonly NftTable[]): readonly string[] =>
  tables.length === 0 ? [] : [heredoc(`in_netns ${file} nft -f -`, nftList(tables).trimEnd().split('\n'))];

const restoreLines = (file: string, tool: string, rules: string): readonly string[] =>
  rules === '' ? [] : [heredoc(`in_netns ${file} ${tool}-restore`, rules.trimEnd().split('\n'))];
