import type { Cluster } from '../k8s/cluster.ts';
import type { InternetGateway } from '../k8s/network.ts';
import { formatAddress } from '../net/address.ts';
import { place } from './scene.ts';

/** What is to be stated about the internet, and where: a gateway that was made for objects is in no file, so a Topology beside them has to state it. */

export const natEntry = (cluster: Cluster, gateway: InternetGateway, address: string): string =>
  gatewayEntry(cluster, gateway, `nat: [{ private: ${address}, public: … }]`);

/** An entry of the gateway's, as a text in flow style. */
export const gatewayEntry = (cluster: Cluster, gateway: InternetGateway, entry: string): string =>
  cluster.standIns.gateway ? besideObjects(gateway, entry) : `${entry} at internet.gateway (${place(gateway.locus)})`;

/** Clients out there. */
export function clientsEntry({ gateway, standIns }: Cluster, clients: string): string {
  if (gateway !== null && standIns.gateway) return besideObjects(gateway, '', clients);
  return `internet: { ${gateway === null ? 'gateway: { ip: … }, ' : ''}${clients} }`;
}

function besideObjects({ ips }: InternetGateway, entry: string, others = ''): string {
  const own =
    ips.length === 1 ? `ip: ${ips.map(formatAddress).join()}` : `ips: [${ips.map((i) => JSON.stringify(formatAddress(i))).join(', ')}]`;
  const gateway = `gateway: { ${own}${entry === '' ? '' : `, ${entry}`} }`;
  return `internet: { ${gateway}${others === '' ? '' : `, ${others}`} } in a Topology beside the objects`;
}
