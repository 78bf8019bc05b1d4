import type { FoundState } from '../datapath/found-state.ts';
import { TABLE_HOOKS } from '../datapath/netfilter/ruleset.ts';
import { iptablesFor } from '../datapath/programs.ts';
import type { Hop } from '../hop/hop.ts';
import type { IpFamily } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { walksOf } from './walks.ts';

/** Notes on state of a single machine that packets would have met and that was not collected, with the value that is assumed. */
export function notCollected({ cluster: { oneMachine, nodes } }: Context, paths: readonly FlowPath[]): readonly Assumption[] {
  if (oneMachine === null) return [];
  return [...nodes.values()].flatMap(({ name, locus, found }) => {
    const hops = paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops.filter((h) => h.netns === name)));
    return found === null ? [] : [...lacks(found, name, hops)].map((message) => ({ message, locus }));
  });
}

function lacks(found: FoundState, name: string, hops: readonly Hop[]): ReadonlySet<string> {
  const { nft, iptables, untold, routes, rules } = found;
  const families = new Set(hops.map((h) => packetFamily(h.packet)));
  const routed = new Set(hops.flatMap((h) => (h.kind === 'route' ? [packetFamily(h.packet)] : [])));
  const messages = new Set<string>();
  for (const family of families) {
    const command = family === 'IPv4' ? 'iptables-save' : 'ip6tables-save';
    if (nft === null && iptables[family].size === 0 && !untold.some((u) => u.families.includes(family)))
      messages.add(`no rules of ${name} were given, and it is taken to have none (${command}; nft list ruleset)`);
  }
  for (const message of tablesLacking(found, name, families)) messages.add(message);
  for (const family of routed)
    if (rules[family] === null && routes[family].size > 0)
      messages.add(
        `no routing rules of ${name} were given, and it is taken to have the usual three (ip ${family === 'IPv4' ? '' : '-6 '}rule)`,
      );
  return messages;
}

/** `nft list table` and `iptables -t nat -S` print one table. */
function tablesLacking({ nft, isNftPart, iptables }: FoundState, name: string, families: ReadonlySet<IpFamily>): readonly string[] {
  const only = (tables: readonly string[], of: string, command: string) =>
    `only ${tables.join(', ')} of ${of} on ${name} ${tables.length === 1 ? 'was' : 'were'} given, and it is taken to have no other table (${command})`;
  const ofNft =
    isNftPart === true
      ? [
          only(
            (nft ?? []).map((t) => `${t.family} ${t.name}`),
            'nft',
            'nft list ruleset',
          ),
        ]
      : [];
  if (nft !== null && isNftPart !== true) return [];
  const ofIptables = [...families].flatMap((family) => {
    const given = [...iptables[family].keys()];
    const program = iptablesFor(family);
    return given.length === 0 || given.length === Object.keys(TABLE_HOOKS).length ? [] : [only(given, program, `${program}-save`)];
  });
  return [...ofNft, ...ofIptables];
}
