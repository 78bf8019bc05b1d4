import type { TransportProtocol } from '../../k8s/pod.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { WrittenCidr } from '../schema/ip-block.ts';
import type { Cursor } from './cursor.ts';

/** Values that policies of all kinds have. */

export function prefixOfCidr(here: Cursor, { prefix, better }: WrittenCidr): Prefix {
  if (better !== null) here.warn('cidr-not-canonical', `this is read as ${better}, the network that it is in`, `write ${better}`);
  return prefix;
}

/** TCP by default. Source: SetDefaults_NetworkPolicyPort. */
export const protocolOf = (text: 'TCP' | 'UDP' | 'SCTP' | null | undefined): TransportProtocol => PROTOCOLS[text ?? 'TCP'];

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;
