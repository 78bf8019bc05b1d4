import { addAddress } from '../datapath/add-address.ts';
import { addNic, finish, newNetns } from '../datapath/build.ts';
import { addRoute, routeVia } from '../datapath/builder.ts';
import { MAIN_TABLE } from '../datapath/fib.ts';
import { rulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Netns, Socket } from '../datapath/netns.ts';
import { FORWARDING } from '../datapath/sysctl.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Router } from '../k8s/network.ts';
import { type IpAddress, type IpFamily, inFamily } from '../net/address.ts';
import { DEFAULT_PREFIX } from '../net/prefix.ts';
import { assumed, declared, inferred, type Locus } from '../source/origin.ts';
import { programFirewalls } from './firewall.ts';
import { nodesFrom, type Way } from './other-nodes.ts';
import type { SegmentPlan } from './segment.ts';

/** A machine that passes packets on. A process may listen on all of its addresses, or on those that are given. */
export function forwardingMachine(
  name: string,
  role: 'router' | 'gateway',
  locus: Locus,
  families: readonly IpFamily[],
  addresses: readonly IpAddress[] | null = null,
) {
  const origin = declared(locus);
  const process = `a process on ${name}`;
  const sockets = (addresses ?? [null]).map(
    (address): Socket => ({ protocol: null, address, port: null, process, origin: assumed(locus) }),
  );
  const builder = newNetns({ name, node: name, role }, origin, sockets, families);
  for (const family of families) builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  return builder;
}

/** One NIC an interface, and a default route to the gateway where that is on one of its segments. */
export function routerNetns(router: Router, cluster: Cluster, plan: (segment: string) => SegmentPlan): Netns {
  const { families, underlay, gateway, cni } = cluster;
  const { name, locus, interfaces } = router;
  const builder = forwardingMachine(name, 'router', locus, families);
  const nics = interfaces.map((i, n) => addNic(builder, `eth${n}`, plan(i.segment).segment, underlay.mtu, declared(i.locus)));
  for (const family of families) {
    for (const [i, { segment, ips, locus: here }] of interfaces.entries()) {
      const [nic, ip] = [nics[i], inFamily(ips, family)];
      if (nic !== undefined && ip !== null) addAddress(builder, nic, ip, plan(segment).prefixOf(ip), declared(here));
    }
    const via = gateway === null ? null : inFamily(gateway.ips, family);
    const towards = interfaces.findIndex((i) => i.segment === gateway?.segment && inFamily(i.ips, family) !== null);
    if (gateway !== null && via !== null && towards !== -1)
      addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], via, `eth${towards}`, inferred(gateway.locus)));
    const rules = rulesetBuilder();
    programFirewalls(rules, family, [underlay.firewall]);
    builder.rulesets[family] = rules.build();
  }
  if (cni.fabric !== null)
    builder.shared = cni.fabric.routes(nodesFrom(cluster, (family, node) => wayOf(router, family, node.segment, plan)));
  return finish(builder, router.overrides);
}

/** By the interface that is on the segment, else by the first one with a router to it other than this one. */
function wayOf({ interfaces }: Router, family: IpFamily, segment: string, plan: (segment: string) => SegmentPlan): Way {
  const own = interfaces.flatMap((i) => i.ips);
  const ways = interfaces.map((i, nth): Way => ({ via: plan(i.segment).wayTo(family, segment), device: `eth${nth}` }));
  const onwards = ways.find((w) => w.via !== null && w.via !== 'here' && !own.includes(w.via));
  return ways.find((w) => w.via === 'here') ?? onwards ?? { via: null, device: 'eth0' };
}
