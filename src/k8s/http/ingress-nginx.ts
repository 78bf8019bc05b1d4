import { isLoopback, parseAddress } from '../../net/address.ts';
import type { Service, ServicePort } from '../service.ts';
import { type HttpRequest, urlText } from './http.ts';
import type { IngressBackend, IngressClass } from './ingress.ts';

/** Habits of ingress-nginx, the most common controller, beyond the Ingress API. */
export const isIngressNginx = ({ controller }: IngressClass): boolean => controller === 'k8s.io/ingress-nginx';

/** It takes a targetPort for a port of the service, too. Source: ingress-nginx, serviceEndpoints. */
export function portByTarget({ ports }: Service, { port }: IngressBackend): ServicePort | null {
  return ports.find((p) => p.protocol === 'tcp' && `${p.targetPort}` === `${port}`) ?? null;
}

/**
 * The port that it calls behind an ExternalName: the service's target port, or the number that the Ingress has where the service has none such;
 * null: a name that the service does not have. Source: ingress-nginx, externalNamePorts.
 */
export function externalNamePort({ ports, locus }: Service, { port }: IngressBackend): ServicePort | null {
  const own = ports.find((p) => p.protocol === 'tcp' && (p.port === port || p.name === port));
  if (own !== undefined) return typeof own.targetPort === 'number' ? own : { ...own, targetPort: own.port };
  if (typeof port !== 'number') return null;
  const common = {
    name: '',
    protocol: 'tcp',
    nodePort: null,
    endpoints: [],
    explicitEndpoints: null,
    endpointsUnknown: null,
    unresolved: [],
    locus,
  } as const;
  return { ...common, port, targetPort: port };
}

/** It never calls itself behind an ExternalName. Source: ingress-nginx, getEndpointsFromSlices. */
export function isLocalName(name: string): boolean {
  const address = parseAddress(name);
  return name === 'localhost' || (address !== null && isLoopback(address));
}

/** Where a host has a certificate, it answers plain HTTP with this, unless ssl-redirect is off. Source: ingress-nginx, redirect_to_https. */
export function httpsInstead(request: HttpRequest): { readonly status: number; readonly location: string } {
  return { status: 308, location: urlText({ ...request, scheme: 'https', port: 443 }) };
}
