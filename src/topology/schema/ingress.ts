import * as z from 'zod';
import { address, label, labels, later, oneOf, port, portName, strict, subdomain } from './fields.ts';

/** Ingresses, their classes, and namespaces, in Kubernetes' own words; `service` of a class is ours. Made when they are met, as in schema-gateway.ts. */

/** `*.example.com` too, where a host may be a wildcard. */
export const hostname = z
  .string()
  .max(253, { error: 'a host name has at most 253 characters' })
  .regex(/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: 'expected a host name, as shop.example.com or *.example.com: lower case, no port',
  })
  .refine((text) => !/^[\d.]+$/.test(text), { error: 'expected a host name; an address cannot stand here' });

export const serviceName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: 'expected NAMESPACE/NAME of a service' });

const backend = () =>
  strict(
    {
      service: strict(
        {
          name: label,
          port: strict(
            { number: port.optional(), name: portName.optional() },
            { number: "The service's port, by number.", name: 'Or by name.' },
          ),
        },
        { name: "A service of the Ingress's namespace.", port: "One of the service's ports." },
      ),
      resource: later('backends that are no service (resource)'),
    },
    { service: 'The service that gets the requests.' },
  );

const rule = () =>
  strict(
    {
      host: hostname.optional(),
      http: strict(
        {
          paths: z
            .array(
              strict(
                { path: z.string().optional(), pathType: oneOf(['Exact', 'Prefix', 'ImplementationSpecific']), backend: backend() },
                {
                  path: 'What the path of the request is compared with.',
                  pathType: 'Exact; Prefix, by path element; or ImplementationSpecific, which is read as Prefix.',
                  backend: 'Where such requests go.',
                },
              ),
            )
            .min(1, { error: 'state at least one path' }),
        },
        { paths: 'The paths.' },
      ).optional(),
    },
    {
      host: 'The host, or with *. in front any one label before it; left out, all hosts.',
      http: 'Left out: the default backend gets all.',
    },
  );

export const ingress = () =>
  strict(
    {
      name: subdomain,
      namespace: label.default('default'),
      ingressClassName: subdomain.optional(),
      defaultBackend: backend().optional(),
      rules: z.array(rule()).default([]),
      tls: z
        .array(
          strict(
            { hosts: z.array(hostname).default([]), secretName: subdomain.optional() },
            { hosts: 'The hosts that the certificate is for.', secretName: 'The certificate; its content plays no part.' },
          ),
        )
        .default([]),
      status: strict(
        {
          loadBalancer: strict(
            { ingress: z.array(strict({ ip: address }, { ip: 'An address of the controller.' })).default([]) },
            { ingress: 'Its addresses.' },
          ),
        },
        { loadBalancer: 'Where the controller is reached.' },
      ).optional(),
    },
    {
      name: "The Ingress's name.",
      namespace: 'Its Kubernetes namespace.',
      ingressClassName: 'Its class; left out, the default one.',
      defaultBackend: 'What no rule matches goes there.',
      rules: 'Hosts and paths.',
      tls: 'Hosts that have a certificate.',
      status: 'What its controller has made of it.',
    },
  );

export const ingressClass = () =>
  strict(
    { name: subdomain, controller: z.string().optional(), isDefaultClass: z.boolean().default(false), service: serviceName.optional() },
    {
      name: "The class's name.",
      controller: 'Who serves it. What k8s.io/ingress-nginx does beyond the API is followed.',
      isDefaultClass: 'Is it for Ingresses that name no class? As the annotation ingressclass.kubernetes.io/is-default-class.',
      service:
        "The service before the controller's pods, as NAMESPACE/NAME; left out, the one whose address the status of its Ingresses has.",
    },
  );

export const namespace = () =>
  strict(
    { name: label, labels: labels.default({}) },
    { name: "The namespace's name.", labels: 'What selectors look at; kubernetes.io/metadata.name is there by itself.' },
  );
