import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import type { StatedPod, TopologyInput } from '../schema/topology.ts';
import { familyOfRoute, familyOfRule } from './families-stated.ts';
import type { Report } from './report.ts';

/** What a cluster with both families is told of a machine in a family that the machine does not have: nobody would ever read it. */
export function checkLost(report: Report, { pods, internet }: TopologyInput): void {
  for (const [i, pod] of pods.entries()) lostOfPod(report, pod, ['pods', i]);
  if (internet !== undefined) lostOfGateway(report, internet);
}

/** Tells of an address when the machine that it is stated of has none of its family. */
function teller(report: Report, who: string, has: readonly IpFamily[], hint: (family: IpFamily) => string) {
  return (family: IpFamily | null, path: Path): void => {
    if (family === null || has.includes(family)) return;
    report.error(path, 'missing-ip-family', `this is ${family}, and ${who} has no ${family} address`, hint(family));
  };
}

function lostOfPod(report: Report, { ips, addresses, neighbours, routes, rules }: StatedPod, path: Path): void {
  if (ips === undefined) return;
  const tell = teller(report, 'the pod', ips.map(familyOf), (family) => `add its ${family} address to ips, or leave this out`);
  for (const [i, { ip }] of (addresses ?? []).entries()) tell(familyOf(ip), [...path, 'addresses', i, 'ip']);
  for (const [i, { ip }] of (neighbours ?? []).entries()) tell(familyOf(ip), [...path, 'neighbours', i, 'ip']);
  for (const [i, route] of (routes?.add ?? []).entries()) tell(familyOfRoute(route), [...path, 'routes', 'add', i]);
  for (const [i, to] of (routes?.remove ?? []).entries())
    tell(to === 'default' ? null : familyOf(to.address), [...path, 'routes', 'remove', i]);
  for (const [i, rule] of (rules ?? []).entries()) tell(familyOfRule(rule), [...path, 'rules', i]);
}

function lostOfGateway(report: Report, { gateway, clients }: NonNullable<TopologyInput['internet']>): void {
  const path = ['internet', 'gateway'];
  const has = familiesIn([gateway.ip, ...(gateway.ips ?? [])]);
  const tell = teller(report, 'the gateway', has, () => 'state internet.gateway.ips: one of each family, or leave this out');
  const each = (values: readonly IpAddress[] | undefined, here: Path) => {
    for (const [i, ip] of (values ?? []).entries()) tell(familyOf(ip), [...here, i]);
  };
  if (gateway.publicIP !== undefined) tell(familyOf(gateway.publicIP), [...path, 'publicIP']);
  each(gateway.publicIPs, [...path, 'publicIPs']);
  for (const [i, entry] of gateway.nat.entries()) tell(familyOf(entry.private), [...path, 'nat', i]);
  for (const [i, route] of gateway.routes.entries()) tell(familyOfRoute(route), [...path, 'routes', i]);
  for (const [i, { ip, ips }] of clients.entries()) {
    if (ip !== undefined) tell(familyOf(ip), ['internet', 'clients', i, 'ip']);
    each(ips, ['internet', 'clients', i, 'ips']);
  }
}

const familiesIn = (addresses: readonly (IpAddress | undefined)[]) =>
  FAMILIES.filter((f) => addresses.some((a) => a !== undefined && familyOf(a) === f));
