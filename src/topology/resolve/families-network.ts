import { familyOf } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import type { FirewallInput, FirewallRuleInput } from '../schema/network.ts';
import type { InternetForm, TopologyInput, UnderlayForm } from '../schema/topology.ts';
import { familyOfRoute, familyOfRule } from './families-stated.ts';
import type { Wanted } from './of-family.ts';
import { ofAddress, ofPrefix } from './of-family.ts';

type StatedUnderlay = TopologyInput['underlay'];
type StatedInternet = TopologyInput['internet'];

/** The network between the nodes, as far as one family goes. */
export function underlayOf(stated: StatedUnderlay, wanted: Wanted): UnderlayForm | undefined {
  if (stated === undefined) return undefined;
  const { moved, family } = wanted;
  const path = ['underlay'];
  return {
    segments:
      stated.segments === undefined
        ? undefined
        : moved.each(stated.segments, [...path, 'segments'], ({ name, cidr, cidrs }, here) => {
            const prefix = moved.one(cidr, cidrs, [...here, 'cidr'], ofPrefix(family));
            return prefix === undefined ? null : { name, cidr: prefix };
          }),
    routers: moved.each(stated.routers, [...path, 'routers'], (router, here) => ({
      ...router,
      interfaces: moved.each(router.interfaces, [...here, 'interfaces'], ({ segment, ip, ips }, at) => {
        const address = moved.one(ip, ips, [...at, 'ip'], ofAddress(family));
        return address === undefined ? null : { segment, ip: address };
      }),
      routes: routesOf(router.routes, [...here, 'routes'], wanted),
    })),
    firewall: firewallOf(stated.firewall, [...path, 'firewall'], wanted),
  };
}

/** A gateway without an address of the family is none for it: then there is no way out, and nobody outside. */
export function internetOf(stated: StatedInternet, wanted: Wanted): InternetForm | undefined {
  if (stated === undefined) return undefined;
  const { moved, family } = wanted;
  const path = ['internet', 'gateway'];
  const { ip, ips, publicIP, publicIPs, nat, routes } = stated.gateway;
  const address = moved.one(ip, ips, [...path, 'ip'], ofAddress(family));
  if (address === undefined) return undefined;
  return {
    gateway: {
      ip: address,
      publicIP: moved.one(publicIP, publicIPs, [...path, 'publicIP'], ofAddress(family)),
      nat: moved.filter(nat, [...path, 'nat'], (n) => familyOf(n.private) === family),
      routes: routesOf(routes, [...path, 'routes'], wanted),
    },
    clients: moved.each(stated.clients, ['internet', 'clients'], (client, here) => {
      const own = moved.one(client.ip, client.ips, [...here, 'ip'], ofAddress(family));
      return own === undefined ? null : { name: client.name, ip: own };
    }),
    firewall: firewallOf(stated.firewall, ['internet', 'firewall'], wanted),
  };
}

function routesOf<R extends Parameters<typeof familyOfRoute>[0]>(
  routes: readonly R[],
  path: Path,
  { family, families, moved }: Wanted,
): R[] {
  return moved.filter(routes, path, (r) => (familyOfRoute(r) ?? families[0]) === family);
}

/** A rule that names no address is about both families. */
function firewallOf(stated: FirewallInput | undefined, path: Path, { family, moved }: Wanted): FirewallInput | undefined {
  if (stated === undefined) return undefined;
  const isOwn = (rule: FirewallRuleInput) => (familyOfRule(rule) ?? family) === family;
  if (Array.isArray(stated)) return moved.filter(stated, path, isOwn);
  return { ...stated, rules: moved.filter(stated.rules, [...path, 'rules'], isOwn) };
}
