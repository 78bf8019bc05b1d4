import { MAIN_TABLE, type NextHop, type Route, usualMetric } from '../../datapath/fib.ts';
import type { DeviceOverrides, Overrides } from '../../datapath/overrides.ts';
import type { Sysctl } from '../../datapath/sysctl.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isLoopback, isUnicast, LOOPBACK } from '../../net/address.ts';
import {
  addressBits,
  contains,
  DEFAULT_PREFIX,
  formatDestination,
  formatPrefix,
  hostPrefix,
  isHostPrefix,
  type Prefix,
  prefixOf,
  samePrefix,
} from '../../net/prefix.ts';
import { declared, type Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import { type RouteInput, type RuleInput, sysctlDevice } from '../schema/linux.ts';
import type { OverridesInput } from '../schema/topology.ts';
import type { Report } from './report.ts';

/** A namespace as far as its stated settings can refer to it: its devices, and the addresses that they have. */
export interface DerivedMachine {
  readonly object: string;
  readonly path: Path;
  /** Device names with the prefixes on them. */
  readonly devices: ReadonlyMap<string, readonly Prefix[]>;
  readonly own: readonly IpAddress[];
  /** The prefixes of the routes in its main table that nobody states. */
  readonly derived: readonly Prefix[];
  /** The ports of its bridge: the only devices that have a hairpin mode. */
  readonly ports: ReadonlySet<string>;
}

/** Reads what a topology states of one namespace, and reports what refers to nothing. */
export function readOverrides(report: Report, form: OverridesInput, bare: DerivedMachine): Overrides {
  const addresses = (form.addresses ?? []).map(({ ip, dev, prefixLength }, i) => {
    const path = [...bare.path, 'addresses', i];
    knownDevice(report, bare, dev, [...path, 'dev']);
    const [wrong, hint] = whyNotOn(dev, ip);
    if (wrong !== undefined) report.error([...path, 'ip'], 'bad-value', `${dev} cannot have ${formatAddress(ip)}, ${wrong}`, hint);
    if (prefixLength !== undefined && prefixLength > addressBits(ip))
      report.error([...path, 'prefixLength'], 'bad-value', `an address of this family has ${addressBits(ip)} bits`);
    return {
      address: ip,
      prefix: prefixLength === undefined ? hostPrefix(ip) : prefixOf(ip, prefixLength),
      device: dev,
      locus: report.locus(path, bare.object),
    };
  });
  const machine = withAddresses(bare, addresses);
  const routesPath = [...machine.path, 'routes'];
  return {
    addresses,
    sysctls: readSysctls(report, form.sysctls ?? {}, machine),
    routes: readRoutes(report, form.routes?.add ?? [], machine, [...routesPath, 'add']),
    removedRoutes: readRemoved(report, form.routes?.remove ?? [], machine, [...routesPath, 'remove']),
    rules: (form.rules ?? []).map((rule, i) => readRule(report, rule, machine, [...machine.path, 'rules', i])),
    devices: readDevices(report, form.devices ?? {}, machine),
    neighbours: (form.neighbours ?? []).map(({ ip, dev }, i) => {
      const path = [...machine.path, 'neighbours', i];
      knownDevice(report, machine, dev, [...path, 'dev']);
      return { address: ip, device: dev, locus: report.locus(path, machine.object) };
    }),
  };
}

/** As the kernel refuses them, and those of 127.0.0.0/8 that it would take and never answer for. Source: ipv6_add_addr, net/ipv6/addrconf.c. */
function whyNotOn(device: string, ip: IpAddress): readonly [string, string] | readonly [] {
  if (device === 'lo' && ip === LOOPBACK[familyOf(ip)]) return ['which it has already', 'leave it out'];
  if (isLoopback(ip)) return device === 'lo' ? [] : ['which is a loopback address', 'dev: lo'];
  return isUnicast(ip) ? [] : ['which is no unicast address', 'state one that packets can come from'];
}

/** Only a route that would be there can be missing; anything else is a slip of the pen. */
function readRemoved(
  report: Report,
  forms: readonly (Prefix | 'default')[],
  machine: DerivedMachine,
  path: Path,
): Overrides['removedRoutes'] {
  return forms.map((form, i) => {
    const prefix = form === 'default' ? DEFAULT_PREFIX[familyOfMachine(machine)] : form;
    if (!machine.derived.some((p) => samePrefix(p, prefix))) {
      const there = [...new Set(machine.derived.map(formatDestination))].slice(0, 8);
      report.error(
        [...path, i],
        'unknown-route',
        `${machine.object} has no derived route to ${form === 'default' ? form : formatPrefix(prefix)}`,
        `it has ${there.join(', ')}`,
      );
    }
    return { prefix, origin: declared(report.locus([...path, i], machine.object)) };
  });
}

function withAddresses(machine: DerivedMachine, more: Overrides['addresses']): DerivedMachine {
  const devices = new Map(machine.devices);
  for (const { device, prefix } of more) devices.set(device, [...(devices.get(device) ?? []), prefix]);
  return { ...machine, devices, own: [...machine.own, ...more.map((a) => a.address)] };
}

function knownDevice(report: Report, machine: DerivedMachine, name: string, path: Path): void {
  if (machine.devices.has(name)) return;
  const names = [...machine.devices.keys()];
  report.error(path, 'unknown-device', `${machine.object} has no device ${name}`, didYouMean(name, names) ?? `it has ${names.join(', ')}`);
}

function readSysctls(report: Report, values: Readonly<Record<string, number>>, machine: DerivedMachine): ReadonlyMap<string, Sysctl> {
  const sysctls = new Map<string, Sysctl>();
  for (const [name, value] of Object.entries(values)) {
    const path = [...machine.path, 'sysctls', name];
    const device = sysctlDevice(name);
    if (device !== null) knownDevice(report, machine, device, path);
    sysctls.set(name, { value, origin: declared(report.locus(path, machine.object)) });
  }
  return sysctls;
}

function readDevices(
  report: Report,
  forms: Readonly<
    Record<string, Omit<DeviceOverrides, 'locus'> | { mtu?: number | undefined; up?: boolean | undefined; hairpin?: boolean | undefined }>
  >,
  machine: DerivedMachine,
): ReadonlyMap<string, DeviceOverrides> {
  const devices = new Map<string, DeviceOverrides>();
  for (const [name, { mtu, up, hairpin }] of Object.entries(forms)) {
    const path = [...machine.path, 'devices', name];
    knownDevice(report, machine, name, path);
    if (hairpin !== undefined && machine.devices.has(name) && !machine.ports.has(name))
      report.error([...path, 'hairpin'], 'not-a-port', `${name} is no bridge port, so it has no hairpin mode`);
    devices.set(name, {
      ...(mtu === undefined ? {} : { mtu }),
      ...(up === undefined ? {} : { up }),
      ...(hairpin === undefined ? {} : { hairpin }),
      locus: report.locus(path, machine.object),
    });
  }
  return devices;
}

export function readRoutes(report: Report, forms: readonly RouteInput[], machine: DerivedMachine, path: Path): Overrides['routes'] {
  return forms.flatMap((form, i) => {
    const route = readRoute(report, form, machine, [...path, i]);
    return route === null ? [] : [{ table: form.table ?? MAIN_TABLE, route }];
  });
}

const familyOfMachine = ({ own }: DerivedMachine): IpFamily => (own[0] === undefined ? 'IPv4' : familyOf(own[0]));

/** `default` is of its next hop's family; without one, of the machine's. */
function familyOfRoute({ to, via, nexthops }: RouteInput, machine: DerivedMachine): IpFamily {
  const stated = to === 'default' ? (via ?? nexthops?.[0]?.via) : to.address;
  return stated === undefined ? familyOfMachine(machine) : familyOf(stated);
}

function readRoute(report: Report, form: RouteInput, machine: DerivedMachine, path: Path): Route | null {
  const family = familyOfRoute(form, machine);
  const prefix = form.to === 'default' ? DEFAULT_PREFIX[family] : form.to;
  const origin = declared(report.locus(path, machine.object));
  const base = { prefix, type: form.type, metric: form.metric ?? usualMetric(family), source: form.src ?? null, origin };
  if (form.src !== undefined && !machine.own.includes(form.src))
    report.error(
      [...path, 'src'],
      'foreign-source',
      `${formatAddress(form.src)} is not an address of ${machine.object}, and the kernel takes no other as src`,
    );
  if (form.type !== 'unicast') {
    if (form.via === undefined && form.dev === undefined && form.nexthops === undefined) return { ...base, nextHops: [] };
    report.error(path, 'bad-route', `a ${form.type} route goes nowhere: it has neither via, dev nor nexthops`);
    return null;
  }
  const hops = form.nexthops ?? [{ via: form.via, dev: form.dev, weight: 1 }];
  if (form.nexthops !== undefined && (form.via !== undefined || form.dev !== undefined)) {
    report.error(path, 'bad-route', 'state either nexthops, or via and dev');
    return null;
  }
  const nextHops = hops.map((hop, i) => readNextHop(report, hop, machine, form.nexthops === undefined ? path : [...path, 'nexthops', i]));
  return nextHops.some((n) => n === null) ? null : { ...base, nextHops: nextHops.flatMap((n) => n ?? []) };
}

interface HopForm {
  readonly via?: IpAddress | undefined;
  readonly dev?: string | undefined;
  readonly weight: number;
}

/** The kernel takes a next hop only if it is on the link of the route's device, and is not the machine itself. */
function readNextHop(report: Report, { via, dev, weight }: HopForm, machine: DerivedMachine, path: Path): NextHop | null {
  if (dev !== undefined) knownDevice(report, machine, dev, [...path, 'dev']);
  if (dev === 'lo') {
    report.error(
      [...path, 'dev'],
      'bad-route',
      'a packet that is routed to lo goes round until its TTL runs out',
      'to discard packets, state type: blackhole',
    );
    return null;
  }
  if (via === undefined) {
    if (dev !== undefined) return { via: null, device: dev, weight };
    report.error(path, 'bad-route', 'a route has a next hop (via), a device (dev), or a type that goes nowhere');
    return null;
  }
  if (machine.own.includes(via)) {
    report.error(
      [...path, 'via'],
      'bad-next-hop',
      `${formatAddress(via)} is ${machine.object}'s own address, and the kernel takes no route via itself`,
    );
    return null;
  }
  const holds = (prefixes: readonly Prefix[]) => prefixes.some((p) => !isHostPrefix(p) && contains(p, via));
  const device = dev ?? [...machine.devices].find(([, prefixes]) => holds(prefixes))?.[0];
  if (device !== undefined && holds(machine.devices.get(device) ?? [])) return { via, device, weight };
  const links = [...machine.devices].flatMap(([name, prefixes]) => prefixes.map((p) => `${name} ${formatPrefix(p)}`));
  const where = dev === undefined ? `no device of ${machine.object}` : `${dev} of ${machine.object} does not`;
  const verb = dev === undefined ? `${where} reaches` : `${where} reach`;
  report.error(
    [...path, 'via'],
    'bad-next-hop',
    `${verb} ${formatAddress(via)} directly, and the kernel refuses such a route`,
    `on a link here: ${links.join(', ')}`,
  );
  return null;
}

function readRule(report: Report, form: RuleInput, machine: DerivedMachine, path: Path): Overrides['rules'][number] {
  if (form.iif !== undefined) knownDevice(report, machine, form.iif, [...path, 'iif']);
  const [value, mask] = (form.fwmark ?? '').split('/');
  const mark = form.fwmark === undefined ? null : { value: Number(value), mask: Number(mask ?? 0xffffffff) };
  return {
    priority: form.priority,
    from: form.from ?? null,
    to: form.to ?? null,
    iif: form.iif ?? null,
    mark,
    table: form.table,
    origin: declared(report.locus(path, machine.object)),
  };
}
