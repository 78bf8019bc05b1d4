import type { FoundState, FoundTable } from '../datapath/found-state.ts';
import type { Lack, Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';

/** Without any text that names devices, it is not known which device a packet is on: rules that match one are tried both ways. */
export function withoutDevices(state: FoundState): FoundState {
  const { links, addresses, routes, iptables } = state;
  const isTold = links !== null || addresses.IPv4 !== null || addresses.IPv6 !== null || routes.IPv4.size + routes.IPv6.size > 0;
  if (isTold) return state;
  const blind = (tables: FoundState['iptables']['IPv4']): FoundState['iptables']['IPv4'] =>
    new Map([...tables].map(([name, table]) => [name, blindTable(table)]));
  return { ...state, iptables: { IPv4: blind(iptables.IPv4), IPv6: blind(iptables.IPv6) } };
}

const blindTable = (table: FoundTable): FoundTable => ({
  ...table,
  chains: new Map([...table.chains].map(([name, rules]) => [name, rules.map(blindRule)])),
  ...(table.beside === undefined ? {} : { beside: blindTable(table.beside) }),
});

const blindRule = (rule: Rule): Rule => ({ ...rule, matches: rule.matches.map(blindMatch) });

const DEVICES: Lack = { what: 'devices or routes', command: 'ip -j -d addr; ip -j route show table all' };

/** `lo` has the same name on every machine. */
function blindMatch(match: Match): Match {
  switch (match.kind) {
    case 'in-interface':
    case 'out-interface':
      if (match.name === 'lo') return match;
      return {
        kind: 'unknown',
        lacks: DEVICES,
        ...(match.kind === 'in-interface' ? { entry: { name: match.name, negated: match.negated } } : {}),
        text: `${match.negated ? '! ' : ''}${match.kind === 'in-interface' ? '-i' : '-o'} ${match.name}`,
      };
    case 'physdev-in':
    case 'physdev-out':
      return { kind: 'unknown', lacks: DEVICES, text: `-m physdev${match.negated ? ' !' : ''} --${match.kind} ${match.name}` };
    default:
      return match;
  }
}
