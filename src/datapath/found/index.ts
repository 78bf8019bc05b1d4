import { finish } from '../build.ts';
import type { NetnsBuilder } from '../builder.ts';
import type { Netns } from '../netns.ts';
import type { Overrides } from '../overrides.ts';
import { foundAddresses } from './addresses.ts';
import { foundDevices } from './devices.ts';
import { foundEntries } from './link-entries.ts';
import type { Recognised } from './names.ts';
import { foundRefusals } from './refusals.ts';
import { foundRules, foundTables } from './routes.ts';
import { servedAddresses } from './served.ts';
import { foundSockets } from './sockets.ts';
import { markStrangers } from './strangers.ts';
import { foundSysctls } from './sysctls.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Closes a namespace, and puts what was found there in place of what was compiled, table by table; its rulesets have been built so. */
export function finishAsFound(builder: NetnsBuilder, stated: Overrides, { found, all, seen, names, madeUp }: Recognised): Netns {
  const netns: Mutable<Netns> = finish(builder, stated);
  foundSysctls(builder.sysctls, found.sysctls, names);
  foundDevices(builder, names, seen, netns.origin);
  markStrangers(netns, { found, seen, names, madeUp });
  if (found.unrouted !== undefined) netns.unrouted = found.unrouted;
  foundTables(netns, found, names, foundAddresses(builder, found));
  servedAddresses(netns, found);
  netns.rules = foundRules(netns, found, names);
  if (all !== found) foundRefusals(netns, all, names);
  foundEntries(netns, found);
  if (found.sockets !== null)
    netns.sockets.splice(0, netns.sockets.length, ...foundSockets(netns.sockets, found.sockets, found.listed ?? []));
  return netns;
}
