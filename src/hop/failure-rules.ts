import type { FirewallRole, HostFirewallRole } from '../datapath/roles.ts';
import { formatAddress, formatEndpoint, type IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { named } from '../source/sentence.ts';
import { firewallWords, hostRuleWords } from './firewall-words.ts';
import type { Words } from './words.ts';

/** A rule that ended the packet, and translations that do not fit the two directions of a connection. */
export interface RuleFacts {
  readonly FILTER_DROP: FilterFacts;
  readonly FILTER_REJECT: FilterFacts;
  readonly CONNTRACK_INVALID: FilterFacts;
  readonly FIREWALL_DENIED: {
    readonly netns: string;
    readonly packet: { readonly protocol: Protocol; readonly source: IpAddress; readonly destination: IpAddress; readonly port: number };
    /** It is an answer, and the machine has not seen the request. */
    readonly isUnseen: boolean;
    readonly decision: FirewallRole;
  };
  readonly ASYMMETRIC_NAT: {
    readonly netns: string;
    /** Of the answer, and as it was called. */
    readonly source: Endpoint;
    readonly called: Endpoint;
  };
  readonly RETURN_PATH_BROKEN: { readonly netns: string; readonly at: Endpoint };
  /** `isStated`: the input says which public addresses the gateway has. */
  readonly PRIVATE_TO_INTERNET_WITHOUT_NAT: { readonly source: IpAddress; readonly isStated: boolean };
}

interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

export interface FilterFacts {
  readonly netns: string;
  readonly table: string;
  /** The base chain. */
  readonly base: string;
  /** Of the rule that decided; null: the policy of the base chain did. */
  readonly chain: string | null;
  /** The rule or the policy of a host's own that it is. */
  readonly stated?: HostFirewallRole;
  /** The network policy that the rule stands for, by its name. */
  readonly policy?: string;
  /** An enforcer made it of policies, which let the packet pass. */
  readonly drifts?: true;
  /** It was for this address of the services' range, which no service has. */
  readonly unserved?: IpAddress;
}

export const ruleWords: Words<RuleFacts> = {
  FILTER_DROP: (facts) =>
    facts.unserved === undefined
      ? `dropped by ${decider(facts)}`
      : `no service has the address ${formatAddress(facts.unserved)}, so kube-proxy of ${facts.netns} drops what is sent there`,
  FILTER_REJECT: (facts) => `refused by ${decider(facts)}`,
  CONNTRACK_INVALID: (facts) => `dropped by ${decider(facts)}, because its connection tracking calls the packet INVALID`,
  FIREWALL_DENIED: ({ netns, packet, isUnseen, decision }) => {
    const { protocol, source, destination, port } = packet;
    const to = protocol === 'icmp' ? formatAddress(destination) : formatEndpoint(destination, port);
    const unseen = isUnseen ? ', which has not seen the request' : '';
    return named(`${netns} does not let ${protocol} from ${formatAddress(source)} to ${to} pass${unseen}: ${firewallWords(decision)}`);
  },
  ASYMMETRIC_NAT: ({ netns, source, called }) =>
    `the answer comes from ${endpointText(source)}, but ${netns} called ${endpointText(called)} and does not know this connection`,
  RETURN_PATH_BROKEN: ({ netns, at }) => `the answer ended in ${netns}, at ${endpointText(at)}, where no socket waits for it`,
  PRIVATE_TO_INTERNET_WITHOUT_NAT: ({ source, isStated }) => {
    const none = isStated ? 'the gateway has no public one for it' : 'the input does not say that the gateway has a public one for it';
    return named(`${formatAddress(source)} is a private address, and ${none}: whoever is called outside cannot answer`);
  },
};

const endpointText = ({ address, port }: Endpoint) => formatEndpoint(address, port);

export function decider(facts: FilterFacts): string {
  const policy = facts.policy === undefined ? '' : ` (policy ${facts.policy})`;
  return `${deciding(facts)}${policy}${facts.drifts === true ? ', though the policies let it pass' : ''}`;
}

const deciding = ({ netns, table, base, chain, stated }: FilterFacts) =>
  stated !== undefined
    ? `${netns}, by ${hostRuleWords(stated)}`
    : base === 'connect'
      ? `${table} of ${netns}, which has no endpoint to choose`
      : `${chain === null ? `the policy of ${table} ${base}` : `a rule of chain ${chain}`} on ${netns}`;
