import type { FirewallRole } from '../datapath/roles.ts';
import { formatAddress, formatEndpoint, type IpAddress } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import { named } from '../source/sentence.ts';
import { decider, type FilterFacts } from './failure-rules.ts';
import { firewallWords } from './firewall-words.ts';
import type { Words } from './words.ts';

/** Faults of tunnels: of their ends, or of the packets that carry others. */
export interface TunnelFacts {
  readonly TUNNEL_PEER_UNKNOWN: PeerUnknown;
  readonly TUNNEL_MISMATCH: Mismatch;
  readonly TUNNEL_FILTERED: {
    readonly carrier: Carrier;
    readonly by: FilterFacts;
    /** Of a firewall's list; null: the rule stands in none. */
    readonly decision: FirewallRole | null;
  };
}

/** The packet that carries another. */
interface Carrier {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** UDP; null: it is IPIP. */
  readonly port: number | null;
}

/** `device` is the tunnel's; with `machine` it is the one that leads to the other machine. */
type PeerUnknown = { readonly netns: string; readonly device: string; readonly address: IpAddress } & (
  | { readonly why: 'neighbour' | 'machine' | 'no-way' }
  | { readonly why: 'fdb'; readonly lladdr: Mac }
);

interface Numbers {
  readonly vni: number | null;
  readonly port: number;
}

/** `sent`: what the packet has; null: it is IPIP. `has`: what the device here has. */
type Mismatch = { readonly netns: string } & (
  | { readonly why: 'no-device'; readonly sent: Numbers | null }
  | { readonly why: 'number'; readonly device: string; readonly sent: Numbers; readonly has: Numbers }
  | { readonly why: 'mac'; readonly device: string; readonly sent: Mac; readonly has: Mac }
);

export const tunnelWords: Words<TunnelFacts> = {
  TUNNEL_PEER_UNKNOWN: (facts) => {
    const { netns, device } = facts;
    const address = formatAddress(facts.address);
    switch (facts.why) {
      case 'neighbour':
        return `the neighbour entry for ${address}, the other end of the tunnel, is missing on ${netns} ${device}`;
      case 'fdb':
        return `the forwarding table of ${netns} ${device} has no entry for ${facts.lladdr}, the MAC address of the tunnel's other end ${address}`;
      case 'machine':
        return `nobody on the link of ${netns} ${device} answers for ${address}, the machine at the tunnel's other end`;
      case 'no-way':
        return named(`${netns} has no route to ${address}, the machine at the other end of the tunnel ${device}`);
    }
  },
  TUNNEL_MISMATCH: (facts) => {
    const { netns } = facts;
    switch (facts.why) {
      case 'no-device':
        return named(`${netns} has no tunnel device that takes ${facts.sent === null ? 'IPIP' : `VXLAN on UDP port ${facts.sent.port}`}`);
      case 'number': {
        const { sent, has, device } = facts;
        const [what, a, b] = sent.port === has.port ? ['VNI', sent.vni, has.vni] : ['UDP port', sent.port, has.port];
        return `the tunnel's packet is for ${what} ${a}, but ${device} of ${netns} has ${what} ${b}`;
      }
      case 'mac':
        return `the frame in the tunnel is for ${facts.sent}, but ${facts.device} of ${netns} has the MAC address ${facts.has}`;
    }
  },
  TUNNEL_FILTERED: ({ carrier, by, decision }) => {
    const { source, destination, port } = carrier;
    const what = port === null ? 'IPIP' : 'UDP';
    const to = port === null ? formatAddress(destination) : formatEndpoint(destination, port);
    const who = decision === null ? decider(by) : `${by.netns}: ${firewallWords(decision)}`;
    return `the tunnel's own packet, ${what} from ${formatAddress(source)} to ${to}, is stopped by ${who}`;
  },
};
