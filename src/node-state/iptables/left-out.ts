import type { TableName } from '../../datapath/netfilter/ruleset.ts';
import { iptablesFor } from '../../datapath/programs.ts';
import type { IpFamily } from '../../net/address.ts';
import type { Locus } from '../../source/origin.ts';
import type { StateFault } from '../text.ts';
import { isTable } from './save.ts';

/** The remarks of iptables-save on rules that it does not print, and the faults that they become. */

type Remark = { readonly of: 'legacy'; readonly family: IpFamily } | { readonly of: 'nft'; readonly table: TableName };

/**
 * The remark of a comment; null: it is another comment. Sources: nft_check_xt_legacy, iptables/nft.c; __do_output, iptables/xtables-save.c.
 */
export function remarkIn(comment: string): Remark | null {
  if (/^# Warning: .*legacy tables present/i.test(comment))
    return { of: 'legacy', family: comment.includes('ip6tables') ? 'IPv6' : 'IPv4' };
  const [, name = ''] = /^# Table `(.*)' (?:is|contains) incompatible/.exec(comment) ?? [];
  return isTable(name) ? { of: 'nft', table: name } : null;
}

/** The table, or chains of it, were not written by iptables-nft, which does not print them. */
export const nftLeftOut = (locus: Locus, family: IpFamily, table: TableName): StateFault => ({
  locus,
  message: `the table ${table} is not all in this text: rules of nft are in it`,
  hint: 'collect it: nft list ruleset',
  untold: {
    area: 'nft',
    tables: [{ family: family === 'IPv6' ? 'ip6' : 'ip', name: table }],
    because: 'iptables-save does not have its rules of nft',
    command: 'nft list ruleset',
  },
});

/** iptables-legacy has tables as well, which iptables-nft does not print. */
export function legacyLeftOut(locus: Locus, family: IpFamily): StateFault {
  const program = iptablesFor(family);
  const command = `${program}-legacy-save`;
  return {
    locus,
    message: `tables of ${program}-legacy are there, too, and are not in this text`,
    hint: `collect them as well: ${command}`,
    untold: { area: 'legacy', family, because: `${program}-nft-save does not have them`, command },
  };
}

export const chainsLeftOut = (locus: Locus, family: IpFamily | null, table: TableName): StateFault => ({
  locus,
  message: `not all chains of the table ${table} are listed`,
  hint: `${iptablesFor(family ?? 'IPv4')} -t ${table} -S`,
});
