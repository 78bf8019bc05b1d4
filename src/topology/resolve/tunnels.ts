import type { PlannedDevice } from '../../k8s/cni.ts';
import type { Node } from '../../k8s/node.ts';
import type { IpAddress } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { NodePlan } from './node-plan.ts';

/** Reports a tunnel that the CNI plugin does not make. */
export function checkTunnel({ tunnel, cursor, cni }: NodePlan, devices: readonly PlannedDevice[]): void {
  if (tunnel === null || devices.some((d) => d.vtep !== undefined)) return;
  const isIpip = devices.some((d) => d.ipip === true);
  if (!isIpip) cursor.at('tunnel').error('not-a-vxlan', `${cni.name} makes no tunnel on this node`, 'leave it out');
  else if (tunnel.mac !== null || tunnel.publicIp !== null)
    cursor.at('tunnel').error('not-a-vxlan', 'an end of IPIP has an address, and nothing else', 'state ip alone');
}

/** Reports nodes without an end of a tunnel that they should have: others would have no way to them. */
export function checkTunnelEnds(plans: readonly NodePlan[], nodes: readonly Node[]): void {
  for (const [i, plan] of plans.entries())
    for (const device of plan.cni.withoutAddress?.(nodes[i] ?? plan) ?? [])
      plan.cursor.error(
        'missing-field',
        `${device} needs an address, and the node has no block of a pool that it could be of`,
        "state the node's blocks, or the address of the device as tunnel.ip",
      );
}

/** The ends of the tunnels of all nodes, by the name of the device. */
export interface TunnelEnds {
  /** Of all nodes. */
  readonly names: readonly string[];
  of(device: string): readonly TunnelEnd[];
}

interface TunnelEnd {
  readonly name: string;
  readonly address: IpAddress;
  readonly mac: Mac;
}

/** Put together when a node first asks: most clusters state nothing of this. */
export function tunnelEnds(plans: readonly NodePlan[]): TunnelEnds {
  let known: ReadonlyMap<string, readonly TunnelEnd[]> | null = null;
  const names = plans.map((p) => p.name);
  return {
    names,
    of(device) {
      known ??= endsByDevice(plans);
      return known.get(device) ?? [];
    },
  };
}

function endsByDevice(plans: readonly NodePlan[]): ReadonlyMap<string, readonly TunnelEnd[]> {
  const found = new Map<string, TunnelEnd[]>();
  for (const plan of plans)
    for (const { name: device, vtep, addresses } of plan.cni.devices(plan, [])) {
      if (vtep === undefined) continue;
      const ends = addresses.map(({ address }) => ({ name: plan.name, address, mac: vtep.mac }));
      const list = found.get(device);
      if (list === undefined) found.set(device, ends);
      else list.push(...ends);
    }
  return found;
}
