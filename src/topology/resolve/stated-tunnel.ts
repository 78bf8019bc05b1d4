import type { StatedTunnel } from '../../k8s/node.ts';
import { familyOf, type IpFamily } from '../../net/address.ts';
import type { NodeInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** What a node states of its end of a tunnel: it is of the family of its addresses; without any, of the primary one. */
export function readTunnel({ tunnel }: Pick<NodeInput, 'tunnel'>, node: Cursor, families: readonly IpFamily[]): StatedTunnel | null {
  if (tunnel === undefined) return null;
  const { ip = null, mac = null, publicIP: publicIp = null } = tunnel;
  const address = ip ?? publicIp;
  const family = address === null ? (families[0] ?? 'IPv4') : familyOf(address);
  return { family, ip, mac, publicIp, locus: node.at('tunnel').locus };
}
