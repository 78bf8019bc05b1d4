import type { Service, ServicePort } from '../service.ts';
import { type HttpRequest, urlText } from './http.ts';
import type { IngressBackend, IngressClass } from './ingress.ts';

/** Habits of ingress-nginx, the most common controller, beyond the Ingress API. */
export const isIngressNginx = ({ controller }: IngressClass): boolean => controller === 'k8s.io/ingress-nginx';

/** It takes a targetPort for a port of the service, too. Source: ingress-nginx, serviceEndpoints. */
export function portByTarget({ ports }: Service, { port }: IngressBackend): ServicePort | null {
  return ports.find((p) => p.protocol === 'tcp' && `${p.targetPort}` === `${port}`) ?? null;
}

/** Where a host has a certificate, it answers plain HTTP with this, unless ssl-redirect is off. Source: ingress-nginx, redirect_to_https. */
export function httpsInstead(request: HttpRequest): { readonly status: number; readonly location: string } {
  return { status: 308, location: urlText({ ...request, scheme: 'https', port: 443 }) };
}
