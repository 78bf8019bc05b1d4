/** A chain of nft. The commands below undo a rule or a policy of it, or add a rule, and nothing else. */

export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** `ip fw pre`: null where a shell would read a name otherwise. */
function nameOf({ family, table, chain }: NftChain): string | null {
  const name = `${family} ${table} ${chain}`;
  return /^[\w./ -]+$/.test(name) ? name : null;
}

/** Source: nft(8), "CHAINS": a base chain that is there gets another policy. */
export function acceptByPolicy(of: NftChain): string | null {
  const name = nameOf(of);
  return name === null ? null : `nft chain ${name} '{ policy accept; }'`;
}

/** Deletes the rule by its handle, which `nft -a` prints behind it; null: the line has none. */
export function deleteRule(of: NftChain, line: string): string | null {
  const [name, handle] = [nameOf(of), /# handle (\d+)$/.exec(line.trim())?.[1]];
  return name === null || handle === undefined ? null : `nft delete rule ${name} handle ${handle}`;
}

/** Instructions for a listing without handles. */
export const deleteInWords = ({ family, table, chain }: NftChain): string =>
  `delete that rule alone: nft -a list chain ${family} ${table} ${chain} shows its handle, for nft delete rule ${family} ${table} ${chain} handle N`;

/** Puts the rule before all others of the chain. Source: nft(8), "RULES": without a handle, insert is at the beginning. */
export function insertRule(of: NftChain, rule: string): string | null {
  const name = nameOf(of);
  return name === null ? null : `nft insert rule ${name} ${rule}`;
}
