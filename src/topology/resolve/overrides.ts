import type { DeviceOverrides, Overrides } from '../../datapath/overrides.ts';
import type { Sysctl } from '../../datapath/sysctl.ts';
import { prefixesIn } from '../../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback, isUnicast, LOOPBACK } from '../../net/address.ts';
import {
  addressBits,
  DEFAULT_PREFIX,
  formatDestination,
  formatPrefix,
  hostPrefix,
  type Prefix,
  prefixOf,
  samePrefix,
} from '../../net/prefix.ts';
import { declared } from '../../source/origin.ts';
import { sysctlDevice } from '../schema/linux.ts';
import type { OverridesInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { type DerivedMachine, familyOfMachine, knownDevice } from './derived-machine.ts';
import { readNeighbours } from './link-entries.ts';
import { readRoutes } from './routes.ts';
import { readRules } from './rules.ts';

/** Of a namespace of which the input states nothing, as of most. */
export const NO_OVERRIDES: Overrides = {
  sysctls: new Map(),
  routes: [],
  removedRoutes: [],
  rules: [],
  removedRules: [],
  devices: new Map(),
  addresses: [],
  neighbours: [],
  fdb: [],
};

export const hasOverrides = ({ addresses, sysctls, routes, rules, devices, neighbours }: OverridesInput): boolean =>
  [addresses, sysctls, routes, rules, devices, neighbours].some((o) => o !== undefined);

/** Reads what the input states of one namespace, and reports what refers to nothing. */
export function readOverrides(input: OverridesInput, bare: DerivedMachine): Overrides {
  const here = bare.cursor;
  const addresses = (input.addresses ?? []).map(({ ip, dev, prefixLength }, i) => {
    const at = here.at('addresses', i);
    knownDevice(bare, dev, at.at('dev'));
    const [wrong, hint] = whyNotOn(dev, ip);
    if (wrong !== undefined) at.at('ip').error('bad-value', `${dev} cannot have ${formatAddress(ip)}, ${wrong}`, hint);
    if (prefixLength !== undefined && prefixLength > addressBits(ip))
      at.at('prefixLength').error('bad-value', `an address of this family has ${addressBits(ip)} bits`);
    const prefix = prefixLength === undefined ? hostPrefix(ip) : prefixOf(ip, prefixLength);
    return { address: ip, prefix, device: dev, locus: at.locus };
  });
  const machine = withAddresses(bare, addresses);
  return {
    addresses,
    sysctls: readSysctls(input.sysctls ?? {}, machine),
    routes: readRoutes(input.routes?.add ?? [], machine, here.at('routes', 'add')),
    removedRoutes: readRemoved(input.routes?.remove ?? [], machine, here.at('routes', 'remove')),
    ...readRules(input.rules ?? [], machine, here.at('rules')),
    devices: readDevices(input.devices ?? {}, machine),
    neighbours: readNeighbours(input.neighbours ?? [], machine, here.at('neighbours')),
    fdb: [],
  };
}

/** As the kernel refuses them, and those of 127.0.0.0/8 that it would take and never answer for. Source: ipv6_add_addr, net/ipv6/addrconf.c. */
function whyNotOn(device: string, ip: IpAddress): readonly [string, string] | readonly [] {
  if (device === 'lo' && ip === LOOPBACK[familyOf(ip)]) return ['which it has already', 'leave it out'];
  if (isLoopback(ip)) return device === 'lo' ? [] : ['which is a loopback address', 'dev: lo'];
  return isUnicast(ip) ? [] : ['which is no unicast address', 'state one that packets can come from'];
}

/** Only a route that would be there can be missing; anything else is a slip of the pen. */
function readRemoved(inputs: readonly (Prefix | 'default')[], machine: DerivedMachine, list: Cursor): Overrides['removedRoutes'] {
  return inputs.map((input, i) => {
    const prefix = input === 'default' ? DEFAULT_PREFIX[familyOfMachine(machine)] : input;
    if (!machine.derived.some((p) => samePrefix(p, prefix))) {
      const there = [...new Set(prefixesIn(machine.derived, familyOf(prefix.address)).map(formatDestination))].slice(0, 8);
      list
        .at(i)
        .error(
          'unknown-route',
          `${machine.cursor.locus.object} has no derived route to ${input === 'default' ? input : formatPrefix(prefix)}`,
          `it has ${there.join(', ')}`,
        );
    }
    return { prefix, origin: declared(list.at(i).locus) };
  });
}

function withAddresses(machine: DerivedMachine, more: Overrides['addresses']): DerivedMachine {
  const devices = new Map(machine.devices);
  for (const { device, prefix } of more) devices.set(device, [...(devices.get(device) ?? []), prefix]);
  return { ...machine, devices, own: [...machine.own, ...more.map((a) => a.address)] };
}

function readSysctls(values: Readonly<Record<string, number>>, machine: DerivedMachine): ReadonlyMap<string, Sysctl> {
  const sysctls = new Map<string, Sysctl>();
  for (const [name, value] of Object.entries(values)) {
    const at = machine.cursor.at('sysctls', name);
    const device = sysctlDevice(name);
    if (device !== null) knownDevice(machine, device, at);
    sysctls.set(name, { value, origin: declared(at.locus) });
  }
  return sysctls;
}

type DeviceInputs = NonNullable<OverridesInput['devices']>;

function readDevices(inputs: DeviceInputs, machine: DerivedMachine): ReadonlyMap<string, DeviceOverrides> {
  const devices = new Map<string, DeviceOverrides>();
  for (const [name, { mtu, up, hairpin, vni, port }] of Object.entries(inputs)) {
    const at = machine.cursor.at('devices', name);
    knownDevice(machine, name, at);
    if (hairpin !== undefined && machine.devices.has(name) && !machine.ports.has(name))
      at.at('hairpin').error('not-a-port', `${name} is no bridge port, so it has no hairpin mode`);
    for (const [field, value] of [['vni', vni] as const, ['port', port] as const])
      if (value !== undefined && machine.devices.has(name) && !machine.vxlan.has(name))
        at.at(field).error('not-a-vxlan', `${name} is no VXLAN device, so it has no ${field}`);
    devices.set(name, {
      ...(mtu === undefined ? {} : { mtu }),
      ...(up === undefined ? {} : { up }),
      ...(hairpin === undefined ? {} : { hairpin }),
      ...(vni === undefined ? {} : { vni }),
      ...(port === undefined ? {} : { port }),
      locus: at.locus,
    });
  }
  return devices;
}
