import type { Lack } from '../datapath/netfilter/match.ts';
import type { Hook } from '../datapath/netfilter/ruleset.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { named, type Wording } from '../source/sentence.ts';

/** What a machine's rules, routes and devices do that is not modelled, or that nothing given tells. */
export type NotModelled =
  /** Does a match match that is not modelled, or that asks for what nobody gave? */
  | {
      readonly why: 'unknown-match';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly match: string;
      /** Null: nothing but a model of it. */
      readonly lacks: Lack | null;
    }
  /** What does a target do that is not modelled? */
  | {
      readonly why: 'unknown-target';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly target: string;
      /** Null: nothing but a model of it. */
      readonly lacks: Lack | null;
    }
  /** Which of base chains with one priority runs first? `chains`: with their tables. */
  | { readonly why: 'chain-order'; readonly netns: string; readonly hook: Hook; readonly chains: readonly string[] }
  /** What does a chain of nft below IP make of the packet? Without `rule`: its policy, or ARP's packets hang on it. */
  | {
      readonly why: 'below-ip';
      readonly netns: string;
      readonly table: string;
      readonly chain: string;
      readonly hook: string;
      readonly devices: readonly string[];
      readonly rule: string | null;
    }
  /** Does a routing rule select the packet, what does it do, or what does a route? `by`: the rule or the route; `unmodelled`: what that hangs on. */
  | {
      readonly why: 'unknown-way';
      readonly netns: string;
      readonly asks: 'selector' | 'action' | 'route';
      readonly by: string;
      readonly unmodelled: string;
      /** What would tell; null: nothing but a model of it. */
      readonly command: string | null;
    }
  /** Another tunnel would carry the packet of a tunnel. */
  | { readonly why: 'tunnel-in-tunnel'; readonly netns: string; readonly device: string }
  /** Ports of a bridge are isolated, and nobody knows by which of them it comes and goes. */
  | { readonly why: 'some-isolated'; readonly netns: string; readonly bridge: string; readonly address: IpAddress }
  /** A device leads nobody knows where. */
  | {
      readonly why: 'device';
      readonly netns: string;
      readonly device: string;
      readonly type: string | null;
      readonly destination: IpAddress;
      /** It would go back to its sender, by the port of a bridge that it came in by. */
      readonly isBack: boolean;
    };

/** That, in words. */
export function notModelled(facts: NotModelled): Wording {
  switch (facts.why) {
    case 'unknown-match':
      return `whether a packet matches ${facts.match} is not known (${facts.lacks === null ? 'that is not modelled' : `nothing that was given has ${facts.lacks.what}`}), and the rule ${facts.rule} of chain ${facts.chain} (table ${facts.table}) on ${facts.netns} hangs on it`;
    case 'unknown-target':
      return `what ${facts.target} makes of a packet is not known (${facts.lacks === null ? 'that is not modelled' : `nothing that was given has ${facts.lacks.what}`}), and the rule ${facts.rule} of chain ${facts.chain} (table ${facts.table}) on ${facts.netns} takes it`;
    case 'chain-order':
      return named(
        `${facts.hook} of ${facts.netns} has ${facts.chains.length} base chains with one priority, ${inWords(facts.chains)}; which of them came first, and so runs last, no listing shows, and the packet's way hangs on it`,
      );
    case 'below-ip': {
      const { netns, table, chain, hook, devices, rule } = facts;
      const at = devices.length === 0 ? hook : `${hook} of ${inWords(devices)}`;
      const what = rule === null ? 'may drop what passes it' : `has the rule ${rule} for this packet`;
      return named(
        `chain ${chain} (table ${table}, ${at}) on ${netns} ${what}; what chains of nft at devices, at bridges and of ARP do is not modelled`,
      );
    }
    case 'unknown-way':
      return unknownWay(facts);
    case 'tunnel-in-tunnel':
      return `the packet of a tunnel would be carried by another one, ${facts.device} of ${facts.netns}, which is not followed`;
    case 'some-isolated':
      return named(
        `${facts.netns} has isolated ports on ${facts.bridge}, and which ones ${formatAddress(facts.address)} and its sender are behind is not known`,
      );
    case 'device': {
      const { netns, device, type, destination, isBack } = facts;
      if (isBack)
        return named(
          `${netns} sends it back to ${formatAddress(destination)}, its own sender, by ${device}, and whether the port that it came in by lets it out again (hairpin mode) is not known`,
        );
      const what = type === null ? device : `${device} (${type})`;
      return named(
        `${netns} sends it out by ${what}, and where that device leads, and whether ${formatAddress(destination)} is there, is not known`,
      );
    }
  }
}

const inWords = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((n) => n !== '').join(' and ');

function unknownWay({ netns, asks, by, unmodelled, command }: Extract<NotModelled, { why: 'unknown-way' }>): string {
  if (asks === 'selector')
    return `whether the routing rule ${by} of ${netns} is for this packet is not known: ${unmodelled} is not modelled`;
  if (command !== null) return `the routing rule ${by}, is for this packet on ${netns}: where it goes from there is not known`;
  if (asks === 'action') return `the routing rule ${by} of ${netns} is for this packet, and what comes of that is not known`;
  return `the route ${by} of ${netns} is for this packet, and where it goes is not known: ${unmodelled} is not modelled`;
}
