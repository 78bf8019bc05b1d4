import type { Router } from '../k8s/network.ts';
import { type IpAddress, type IpFamily, inFamily } from '../net/address.ts';

/** The routers on each segment. */
export type RoutersOn = ReadonlyMap<string, readonly Router[]>;

export function routersBySegment(routers: readonly Router[]): RoutersOn {
  const bySegment = new Map<string, Router[]>();
  for (const router of routers)
    for (const segment of new Set(router.interfaces.map((i) => i.segment))) {
      const known = bySegment.get(segment);
      if (known === undefined) bySegment.set(segment, [router]);
      else known.push(router);
    }
  return bySegment;
}

/**
 * Breadth first over the routers that have addresses of a family: for each other segment, the address on this one of the router that a
 * packet goes to first.
 */
export function waysFrom(routersOn: RoutersOn, start: string, family: IpFamily): ReadonlyMap<string, IpAddress> {
  const ways = new Map<string, IpAddress>();
  const seen = new Set([start]);
  const queue: { readonly segment: string; readonly first: IpAddress | null }[] = [{ segment: start, first: null }];
  for (const { segment, first } of queue)
    for (const { interfaces } of routersOn.get(segment) ?? []) {
      const own = interfaces.flatMap((i) => {
        const ip = inFamily(i.ips, family);
        return ip === null ? [] : [{ segment: i.segment, ip }];
      });
      const here = own.find((i) => i.segment === segment);
      if (here === undefined) continue;
      for (const { segment: next } of own) {
        if (seen.has(next)) continue;
        seen.add(next);
        ways.set(next, first ?? here.ip);
        queue.push({ segment: next, first: first ?? here.ip });
      }
    }
  return ways;
}
