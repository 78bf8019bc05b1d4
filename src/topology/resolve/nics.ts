import type { Cni } from '../../k8s/cni.ts';
import type { FurtherNic } from '../../k8s/node.ts';
import { familyOf, formatAddress, type IpAddress } from '../../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../../net/prefix.ts';
import type { NicInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import type { NodePlan } from './node-plan.ts';
import { checkOwnAddress } from './own-address.ts';
import type { UnderlayPlan } from './underlay-plan.ts';

/** The NICs of a node beside eth0, each on the segment that holds its address. One on none is reported, and left out. */
export function readNics(plan: NodePlan, underlay: UnderlayPlan): readonly FurtherNic[] {
  const { input, cursor, cni } = plan;
  const stated = input.nics ?? [];
  const others = stated.length === 0 ? [] : ['lo', 'eth0', ...cni.devices(plan, []).map((d) => d.name)];
  const list = cursor.at('nics');
  return stated.flatMap((nic, i) => {
    const here = list.at(i);
    checkName(nic, others, stated.slice(0, i), here.at('dev'));
    const segment = underlay.segmentOf(nic.ip);
    if (segment === null || !isOn(underlay, segment, nic.ip)) {
      here.at('ip').error('address-outside', `no segment of the underlay holds the address of ${nic.dev}`, segmentsOf(underlay, nic.ip));
      return [];
    }
    checkOwnAddress(nic.ip, underlay.prefixOn(segment, nic.ip), here.at('ip'));
    return [{ device: nic.dev, address: nic.ip, segment, table: tableOf(stated, i, cni, here.at('table')), locus: here.locus }];
  });
}

function checkName({ dev }: NicInput, others: readonly string[], earlier: readonly NicInput[], at: Cursor): void {
  if (others.includes(dev)) at.error('duplicate-device', `every node has a device ${dev} already`);
  else if (earlier.some((n) => n.dev === dev)) at.error('duplicate-device', `the node has a NIC ${dev} already`);
}

/** The one switch of an input without segments takes any node's address, but a NIC has to be on a link that a node is on. */
const isOn = ({ segments }: UnderlayPlan, segment: string, ip: IpAddress): boolean =>
  (segments.get(segment)?.prefixes ?? []).some((p) => contains(p, ip));

function segmentsOf({ segments }: UnderlayPlan, ip: IpAddress): string {
  const ofFamily = ({ address }: Prefix) => familyOf(address) === familyOf(ip);
  const all = [...segments.values()].flatMap((s) => s.prefixes.filter(ofFamily).map((p) => `${s.name} ${formatPrefix(p)}`));
  return all.length === 0 ? `none has addresses like ${formatAddress(ip)}` : `segments: ${all.join(', ')}`;
}

/** As the plugin counts them, where it gives them tables. */
function tableOf(stated: readonly NicInput[], nth: number, cni: Cni, at: Cursor): number | null {
  const { nicTables, name } = cni;
  const own = stated[nth]?.table;
  if (nicTables === undefined) {
    if (own !== undefined)
      at.error('bad-value', `with ${name} all NICs are routed by the main table`, 'leave table out; aws-vpc-cni gives NICs tables');
    return null;
  }
  const number = (i: number) => stated[i]?.table ?? nicTables + i;
  const twin = stated.findIndex((_, i) => i < nth && number(i) === number(nth));
  if (twin !== -1) at.error('bad-value', `${stated[twin]?.dev} has table ${number(nth)} already`, 'each NIC has a table of its own');
  return number(nth);
}
