import { formatAddress } from '../net/address.ts';
import { icmpName, isIcmpError } from '../net/packet.ts';
import { formatDestination } from '../net/prefix.ts';
import { longer, type Sentence } from '../source/sentence.ts';
import { lookUp, proxy } from './describe-application.ts';
import { balancer, firewall, gateway } from './describe-edge.ts';
import { policyWords } from './describe-policy.ts';
import { filter, nat, skip } from './describe-rules.ts';
import { ipc, volume } from './describe-sharing.ts';
import { failureSentence } from './failure.ts';
import type { Hop } from './hop.ts';
import type { DropHop, InterfaceHop, RouteHop, SocketHop } from './linux-hop.ts';
import type { EncapHop } from './tunnel-hop.ts';

/** A hop in words: the only place that knows how; all formats use it. */
export function describe(hop: Hop): string {
  switch (hop.kind) {
    case 'dns':
      return lookUp(hop);
    case 'socket':
      return socket(hop);
    case 'interface':
      return crossing(hop);
    case 'bridge':
      return hop.verdict === 'passed-up'
        ? `${hop.bridge} hands the frame up to the host: it is for the bridge's own MAC`
        : `${hop.bridge} forwards the frame to ${hop.port === null ? 'one of its ports' : `its port ${hop.port}`}`;
    case 'route':
      return route(hop);
    case 'filter':
      return filter(hop);
    case 'nat':
      return nat(hop);
    case 'neighbour':
      return `${formatAddress(hop.address)} is answered for by ${hop.answeredBy.netns} ${hop.answeredBy.device}`;
    case 'underlay':
      return hop.segment === 'the internet' ? 'across the internet' : `across the network between the nodes (${hop.segment})`;
    case 'encap':
      return encap(hop);
    case 'decap':
      return `${hop.device} takes the packet out of the tunnel from ${formatAddress(hop.tunnel.remote)}`;
    case 'gateway':
      return gateway(hop);
    case 'firewall':
      return firewall(hop);
    case 'load-balancer':
      return balancer(hop);
    case 'policy':
      return policyWords(hop);
    case 'skip':
      return skip(hop);
    case 'proxy':
      return proxy(hop);
    case 'ipc':
      return ipc(hop);
    case 'volume':
      return volume(hop);
    case 'drop':
      return dropSentence(hop).text;
  }
}

/** Why a packet ends, and the answer that a process gives in place of the one that was asked for. */
export function dropSentence({ failure, answer }: DropHop): Sentence {
  const why = failureSentence(failure);
  return answer === null ? why : longer(why, `; ${answer.process} answers ${answer.status} itself`);
}

/** With what is at the other end of the link. */
function crossing({ direction, link }: InterfaceHop): string {
  const out = direction === 'out';
  switch (link.kind) {
    case 'loopback':
      return `goes round by ${link.name}, and never leaves`;
    case 'nic':
      return out ? `leaves by ${link.name} to ${link.segment.name}` : `comes in by ${link.name} from ${link.segment.name}`;
    case 'bridge':
      return out ? `goes down by the bridge ${link.name}` : `comes up from the bridge ${link.name}`;
    case 'veth': {
      const other = link.peer === null ? '' : ` ${out ? 'to' : 'from'} ${link.peer.name} of ${link.peer.netns.name}`;
      return `${out ? 'leaves' : 'comes in'} by ${link.name}${other}`;
    }
    case 'dummy':
      return `leaves by ${link.name}, which leads nowhere`;
    case 'opaque':
      return out ? `leaves by ${link.name}, which leads nobody knows where` : `comes in by ${link.name}`;
    case 'vxlan':
    case 'ipip':
      return out ? `goes into the tunnel ${link.name}` : `comes out of the tunnel ${link.name}`;
  }
}

/** Which machine it goes to, and what says so. */
function encap({ device, tunnel, by }: EncapHop): string {
  const to = `${device} puts the packet into ${TUNNELS[tunnel.type]} to ${formatAddress(tunnel.remote)}${tunnel.vni === null ? '' : `, VNI ${tunnel.vni}`}`;
  return by === null
    ? to
    : `${to}: ${formatAddress(by.neighbour.address)} is ${by.neighbour.lladdr}, and that is at ${formatAddress(by.fdb.dst)}`;
}

const TUNNELS: Readonly<Record<EncapHop['tunnel']['type'], string>> = { vxlan: 'VXLAN', geneve: 'Geneve', ipip: 'IPIP' };

function socket(hop: SocketHop): string {
  const { balancedFor = null } = hop;
  return balancedFor === null
    ? sentOrReceived(hop)
    : `${sentOrReceived(hop)}; the socket load balancer chose its destination in the call (${balancedFor})`;
}

function sentOrReceived({ action, process, packet }: SocketHop): string {
  const verb = action === 'send' ? 'sends' : 'receives';
  const icmp = icmpName(packet.destination);
  if (isIcmpError(packet.icmp)) return `${process} ${verb} an ${icmp} error: ${packet.icmp.code.replaceAll('-', ' ')}`;
  if (packet.icmp !== null) return `${process} ${verb} an ${icmp} ${packet.icmp.type.replace('-', ' ')}`;
  const what = packet.tcpFlags === null ? `${packet.protocol.toUpperCase()} packet` : `TCP ${packet.tcpFlags}`;
  return `${process} ${verb} a ${what}`;
}

const TABLES: Readonly<Record<number, string>> = { 255: 'local', 254: 'main', 253: 'default' };
export const tableName = (id: number) => TABLES[id] ?? String(id);

function route({ route: r, nextHop, table }: RouteHop): string {
  const where = formatDestination(r.prefix);
  if (r.type === 'local') return `local ${where}: it is for this machine`;
  if (r.type === 'broadcast') return `broadcast ${where}: it is for everybody on the link`;
  if (r.type === 'anycast') return `anycast ${where}: it is for any router of the link, as this machine is`;
  if (r.type !== 'unicast') return `${r.type} ${where}`;
  // IPv6 looks whether it forwards only after the route is found, and then takes none of its next hops.
  const ways = (nextHop === null ? r.nextHops : [nextHop]).map(
    (n) => `${n.via === null ? '' : `via ${formatAddress(n.via)} `}dev ${n.device}`,
  );
  return `${where} ${ways.join(' or ')}${table === 254 ? '' : ` (table ${tableName(table)})`}`;
}
