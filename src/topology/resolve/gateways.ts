import type { Gateway, GatewayClass, Listener } from '../../k8s/http/gateway.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { GatewayInput, TopologyInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { checkControllerAddress, controllerService, type Services, serviceWithAddress } from './http-checks.ts';
import { selectorOf } from './selectors.ts';

interface Gateways {
  readonly gatewayClasses: ReadonlyMap<string, GatewayClass>;
  readonly gateways: readonly Gateway[];
}

export function readGateways(root: Cursor, input: TopologyInput, services: Services): Gateways {
  const classes = new Map(
    (input.gatewayClasses ?? []).map(({ name, service }, i): [string, GatewayClass] => {
      const here = root.at('gatewayClasses', i).of(`GatewayClass/${name}`);
      return [name, { name, service: controllerService(here, services, service), locus: here.locus }];
    }),
  );
  const gateways = (input.gateways ?? []).map((gateway, i): Gateway => {
    const { namespace = 'default', name, gatewayClassName: className } = gateway;
    const here = root.at('gateways', i).of(`Gateway/${namespace}/${name}`);
    checkClass(here, className, [...classes.keys()]);
    const got = gateway.status?.addresses ?? [];
    const list = got.length > 0 ? here.at('status', 'addresses') : here.at('addresses');
    const addresses = (got.length > 0 ? got : (gateway.addresses ?? [])).map((a) => a.value);
    const named = controllerService(here, services, gateway.service);
    const service = named ?? classes.get(className)?.service ?? serviceWithAddress(services, addresses);
    for (const [k, address] of addresses.entries()) checkControllerAddress(list.at(k, 'value'), input, services, service, address);
    return { namespace, name, className, service, addresses, listeners: readListeners(here.at('listeners'), gateway), locus: here.locus };
  });
  return { gatewayClasses: classes, gateways };
}

function checkClass(here: Cursor, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const known = names.length === 0 ? 'state gatewayClasses' : `classes: ${names.join(', ')}`;
  here.at('gatewayClassName').warn('unknown-class', `there is no GatewayClass ${name}`, didYouMean(name, names) ?? known);
}

function readListeners(list: Cursor, { listeners }: GatewayInput): readonly Listener[] {
  uniqueNames(
    listeners,
    'listener',
    (l) => l.name,
    (i) => list.at(i, 'name'),
  );
  uniqueNames(
    listeners,
    'listener for',
    (l) => `${l.port} ${l.protocol} ${l.hostname ?? 'all hosts'}`,
    (i) => list.at(i),
  );
  return listeners.map(({ name, hostname, port, protocol, allowedRoutes }, j) => {
    const here = list.at(j);
    const namespaces = allowedRoutes?.namespaces;
    const from = namespaces?.from ?? 'Same';
    if (from === 'Selector' && namespaces?.selector === undefined)
      here.at('allowedRoutes', 'namespaces').error('missing-field', 'from: Selector needs a selector');
    const kinds = (allowedRoutes?.kinds ?? []).map((k) => k.kind);
    return {
      name,
      hostname: hostname ?? null,
      port,
      protocol,
      from,
      selector: selectorOf(namespaces?.selector),
      kinds: kinds.length === 0 ? null : kinds,
      locus: here.locus,
    };
  });
}
