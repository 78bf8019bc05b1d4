import type { Nic, Segment } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { gatewayIn } from '../k8s/families.ts';
import { GATEWAY } from '../k8s/network.ts';
import { familyOf, type IpAddress, nextAddress } from '../net/address.ts';
import { addressBits, type Prefix } from '../net/prefix.ts';
import { declared } from '../source/origin.ts';
import { type OwnerName, type Owners, podsNic } from './owners.ts';

/** The part of a fabric that is on one segment. */
export interface FabricOn {
  /** The machine that has the address of a subnet's router; undefined: none of these has it, or the network routes by itself. */
  of(address: IpAddress): OwnerName | undefined;
  /** Those of the network's own router. */
  readonly routers: ReadonlySet<IpAddress>;
}

/** A subnet's router has its first address, as clouds have it; null: there is no room for one. */
export const subnetRouter = ({ address, length }: Prefix): IpAddress | null =>
  length > addressBits(address) - 2 ? null : nextAddress(address);

/**
 * The routers of the subnets that these NICs are in: where there is a way out of a family, it is the gateway, on whatever segment; else the
 * network itself. An address that a machine has is none's router.
 */
export function routersOn(cluster: Cluster, nics: readonly Prefix[], owners: Owners): FabricOn {
  const all = nics.flatMap((subnet) => subnetRouter(subnet) ?? []).filter((a) => owners.of(a) === undefined);
  const isGateways = (a: IpAddress) => gatewayIn(cluster, familyOf(a)) !== null;
  const gateways = new Set(all.filter(isGateways));
  return {
    of: (address) => (gateways.has(address) ? { netns: GATEWAY, device: 'eth0' } : undefined),
    routers: new Set(all.filter((a) => !isGateways(a))),
  };
}

/** Only with `underlay.sourceCheck` a source is refused, and never one of the gateway's or of a router. */
export function sourceChecked(cluster: Cluster): Segment['refuses'] {
  const { nodes, services, underlay, cni } = cluster;
  const { sourceCheck } = underlay;
  if (sourceCheck === null) return () => null;
  const balanced = new Set([...services.values()].flatMap((s) => s.loadBalancerIngress.flatMap((i) => (i.mode === 'VIP' ? [i.ip] : []))));
  const isOwn = (nic: Nic, source: IpAddress) => {
    if (!nodes.has(nic.netns.name) || balanced.has(source) || nic.addresses.some((a) => a.address === source)) return true;
    const owner = cni.fabric?.pods === 'of-nics' ? podsNic(cluster, source) : undefined;
    return owner?.netns === nic.netns.name && owner.device === nic.name;
  };
  return (nic, source) => (isOwn(nic, source) ? null : declared(sourceCheck));
}
