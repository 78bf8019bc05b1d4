import type { Gateway, GatewayClass, Listener } from '../../k8s/http/gateway.ts';
import type { LabelSelector } from '../../k8s/label-selector.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { GatewayForm, TopologyForm } from '../schema/topology.ts';
import { checkControllerAddress, controllerService, type Services, serviceWithAddress } from './http-checks.ts';
import { type Report, uniqueNames } from './report.ts';

interface Gateways {
  readonly gatewayClasses: ReadonlyMap<string, GatewayClass>;
  readonly gateways: readonly Gateway[];
}

export function readGateways(report: Report, form: TopologyForm, services: Services): Gateways {
  const classes = form.gatewayClasses.map(({ name, service }, i): [string, GatewayClass] => {
    const path = ['gatewayClasses', i];
    return [name, { name, service: controllerService(report, services, service, path), locus: report.locus(path, `GatewayClass/${name}`) }];
  });
  const names = classes.map(([name]) => name);
  const gateways = form.gateways.map((gateway, i): Gateway => {
    const path = ['gateways', i];
    const { namespace, name, gatewayClassName } = gateway;
    const object = `Gateway/${namespace}/${name}`;
    if (!names.includes(gatewayClassName))
      report.warn(
        [...path, 'gatewayClassName'],
        'unknown-class',
        `there is no GatewayClass ${gatewayClassName}`,
        didYouMean(gatewayClassName, names) ?? (names.length === 0 ? 'state gatewayClasses' : `classes: ${names.join(', ')}`),
      );
    const got = gateway.status?.addresses ?? [];
    const at = got.length > 0 ? [...path, 'status', 'addresses'] : [...path, 'addresses'];
    const addresses = (got.length > 0 ? got : gateway.addresses).map((a) => a.value);
    const stated = controllerService(report, services, gateway.service, path);
    const service = stated ?? new Map(classes).get(gatewayClassName)?.service ?? serviceWithAddress(services, addresses);
    for (const [k, address] of addresses.entries())
      checkControllerAddress(report, form, services, service, { address, path: [...at, k, 'value'] });
    return {
      namespace,
      name,
      className: gatewayClassName,
      service,
      addresses,
      listeners: readListeners(report, gateway, path, object),
      locus: report.locus(path, object),
    };
  });
  return { gatewayClasses: new Map(classes), gateways };
}

function readListeners(report: Report, { listeners }: GatewayForm, path: Path, object: string): readonly Listener[] {
  uniqueNames(
    report,
    listeners,
    'listener',
    (l) => l.name,
    (i) => [...path, 'listeners', i, 'name'],
  );
  uniqueNames(
    report,
    listeners,
    'listener for',
    (l) => `${l.port} ${l.protocol} ${l.hostname ?? 'all hosts'}`,
    (i) => [...path, 'listeners', i],
  );
  return listeners.map(({ name, hostname, port, protocol, allowedRoutes }, j) => {
    const here = [...path, 'listeners', j];
    const namespaces = allowedRoutes?.namespaces;
    const from = namespaces?.from ?? 'Same';
    if (from === 'Selector' && namespaces?.selector === undefined)
      report.error([...here, 'allowedRoutes', 'namespaces'], 'missing-field', 'from: Selector needs a selector');
    const kinds = (allowedRoutes?.kinds ?? []).map((k) => k.kind);
    return {
      name,
      hostname: hostname ?? null,
      port,
      protocol,
      from,
      selector: readSelector(namespaces?.selector),
      kinds: kinds.length === 0 ? null : kinds,
      locus: report.locus(here, object),
    };
  });
}

type SelectorForm = NonNullable<NonNullable<NonNullable<GatewayForm['listeners'][number]['allowedRoutes']>['namespaces']>['selector']>;

const readSelector = (form: SelectorForm | undefined): LabelSelector => ({
  matchLabels: new Map(Object.entries(form?.matchLabels ?? {})),
  matchExpressions: form?.matchExpressions ?? [],
});
