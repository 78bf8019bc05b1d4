import { MAIN_TABLE } from '../../datapath/fib.ts';
import type { Overrides } from '../../datapath/overrides.ts';
import { type NextHop, type Route, usualMetric } from '../../datapath/route.ts';
import { prefixesIn } from '../../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress } from '../../net/address.ts';
import { contains, DEFAULT_PREFIX, formatPrefix, type Prefix } from '../../net/prefix.ts';
import { declared } from '../../source/origin.ts';
import type { RouteInput } from '../schema/linux.ts';
import type { Cursor } from './cursor.ts';
import { type DerivedMachine, familyOfMachine, knownDevice } from './derived-machine.ts';
import { familyOfRoute } from './families.ts';

/** Routes of a namespace, as the kernel would take them. */
export function readRoutes(inputs: readonly RouteInput[], machine: DerivedMachine, list: Cursor): Overrides['routes'] {
  return inputs.flatMap((input, i) => {
    const route = readRoute(input, machine, list.at(i));
    return route === null ? [] : [{ table: input.table ?? MAIN_TABLE, route }];
  });
}

function readRoute(input: RouteInput, machine: DerivedMachine, at: Cursor): Route | null {
  const family = familyOfRoute(input) ?? familyOfMachine(machine);
  const prefix = input.to === 'default' ? DEFAULT_PREFIX[family] : input.to;
  const { object } = at.locus;
  const type = input.type ?? 'unicast';
  const base = { prefix, type, metric: input.metric ?? usualMetric(family), source: input.src ?? null, origin: declared(at.locus) };
  if (input.src !== undefined && !machine.own.includes(input.src))
    at.at('src').error(
      'foreign-source',
      `${formatAddress(input.src)} is not an address of ${object}, and the kernel takes no other as src`,
    );
  if (type !== 'unicast') {
    if (input.via === undefined && input.dev === undefined && input.nexthops === undefined) return { ...base, nextHops: [] };
    at.error('bad-route', `a ${type} route goes nowhere: it has neither via, dev nor nexthops`);
    return null;
  }
  const hops = input.nexthops ?? [{ via: input.via, dev: input.dev, weight: 1, onlink: input.onlink }];
  const isTwice = input.nexthops !== undefined && (input.via !== undefined || input.dev !== undefined || input.onlink === true);
  if (isTwice) at.error('bad-route', 'state either nexthops, or via and dev');
  const nextHops = hops.map((hop, i) => readNextHop(hop, machine, input.nexthops === undefined ? at : at.at('nexthops', i)));
  return isTwice || nextHops.some((n) => n === null) ? null : { ...base, nextHops: nextHops.flatMap((n) => n ?? []) };
}

interface HopInput {
  readonly onlink?: boolean | undefined;
  readonly via?: IpAddress | undefined;
  readonly dev?: string | undefined;
  readonly weight?: number | undefined;
}

/** The kernel takes a next hop only if it is on the link of the route's device, and is not the machine itself. */
function readNextHop({ via, dev, weight = 1, onlink = false }: HopInput, machine: DerivedMachine, at: Cursor): NextHop | null {
  const { object } = at.locus;
  if (dev !== undefined) knownDevice(machine, dev, at.at('dev'));
  if (dev === 'lo') {
    at.at('dev').error(
      'bad-route',
      'a packet that is routed to lo goes round until its TTL runs out',
      'to discard packets, state type: blackhole',
    );
    return null;
  }
  if (via === undefined) {
    if (dev !== undefined) return { via: null, device: dev, weight };
    at.error('bad-route', 'a route has a next hop (via), a device (dev), or a type that goes nowhere');
    return null;
  }
  if (machine.own.includes(via)) {
    at.at('via').error('bad-next-hop', `${formatAddress(via)} is ${object}'s own address, and the kernel takes no route via itself`);
    return null;
  }
  if (onlink && dev !== undefined) return { via, device: dev, weight, onlink };
  const device = dev ?? [...machine.devices].find(([, prefixes]) => isOnLink(via, prefixes))?.[0];
  if (device !== undefined && isOnLink(via, machine.devices.get(device) ?? [])) return { via, device, weight };
  const links = [...machine.devices].flatMap(([name, prefixes]) =>
    prefixesIn(prefixes, familyOf(via)).map((p) => `${name} ${formatPrefix(p)}`),
  );
  const cannot = dev === undefined ? `no device of ${object} reaches` : `${dev} of ${object} does not reach`;
  at.at('via').error(
    'bad-next-hop',
    `${cannot} ${formatAddress(via)} directly, and the kernel refuses such a route`,
    `on a link here: ${links.join(', ')}`,
  );
  return null;
}

const isOnLink = (address: IpAddress, prefixes: readonly Prefix[]) => prefixes.some((p) => contains(p, address));
