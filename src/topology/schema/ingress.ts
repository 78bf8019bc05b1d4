import * as z from 'zod';
import { address, label, labels, oneOf, port, portName, subdomain } from '../../source/fields.ts';
import { field, later, strict } from '../../source/objects.ts';

/** Ingresses, their classes, and namespaces, in Kubernetes' own words; `service` of a class is ours. Made when they are met, as in gateway.ts. */

/** `*.example.com` too, where a host may be a wildcard. */
export const hostname = () =>
  z
    .string()
    .max(253, { error: 'a host name has at most 253 characters' })
    .regex(/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
      error: 'expected a host name, as shop.example.com or *.example.com: lower case, no port',
    })
    .refine((text) => !/^[\d.]+$/.test(text), { error: 'expected a host name; an address cannot stand here' });

export const serviceName = () =>
  z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: 'expected NAMESPACE/NAME of a service' });

const backend = () =>
  strict(() => ({
    service: field(
      strict(() => ({
        name: field(label, "A service of the Ingress's namespace."),
        port: field(
          strict(() => ({
            number: field(port.optional(), "The service's port, by number."),
            name: field(portName.optional(), 'Or by name.'),
          })),
          "One of the service's ports.",
        ),
      })),
      'The service that gets the requests.',
    ),
    resource: later('backends that are no service (resource)'),
  }));

const rule = () =>
  strict(() => ({
    host: field(hostname().optional(), 'The host, or with *. in front any one label before it; left out, all hosts.'),
    http: field(
      strict(() => ({
        paths: field(
          z
            .array(
              strict(() => ({
                path: field(z.string().optional(), 'What the path of the request is compared with.'),
                pathType: field(
                  oneOf(['Exact', 'Prefix', 'ImplementationSpecific']),
                  'Exact; Prefix, by path element; or ImplementationSpecific, which is read as Prefix.',
                ),
                backend: field(backend(), 'Where such requests go.'),
              })),
            )
            .min(1, { error: 'state at least one path' }),
          'The paths.',
        ),
      })).optional(),
      'Left out: the default backend gets all.',
    ),
  }));

export const ingress = () =>
  strict(() => ({
    name: field(subdomain, "The Ingress's name."),
    namespace: field(label.optional(), 'Its Kubernetes namespace.'),
    ingressClassName: field(subdomain.optional(), 'Its class; left out, the default one.'),
    defaultBackend: field(backend().optional(), 'What no rule matches goes there.'),
    rules: field(z.array(rule()).optional(), 'Hosts and paths.'),
    tls: field(
      z
        .array(
          strict(() => ({
            hosts: field(z.array(hostname()).optional(), 'The hosts that the certificate is for.'),
            secretName: field(subdomain.optional(), 'The certificate; its content plays no part.'),
          })),
        )
        .optional(),
      'Hosts that have a certificate.',
    ),
    status: field(
      strict(() => ({
        loadBalancer: field(
          strict(() => ({
            ingress: field(z.array(strict(() => ({ ip: field(address, 'An address of the controller.') }))).optional(), 'Its addresses.'),
          })),
          'Where the controller is reached.',
        ),
      })).optional(),
      'What its controller has made of it.',
    ),
  }));

export const ingressClass = () =>
  strict(() => ({
    name: field(subdomain, "The class's name."),
    controller: field(z.string().optional(), 'Who serves it. What k8s.io/ingress-nginx does beyond the API is followed.'),
    isDefaultClass: field(
      z.boolean().optional(),
      'Is it for Ingresses that name no class? As the annotation ingressclass.kubernetes.io/is-default-class.',
    ),
    service: field(
      serviceName().optional(),
      "The service before the controller's pods, as NAMESPACE/NAME; left out, the one whose address the status of its Ingresses has.",
    ),
  }));

export const namespace = () =>
  strict(() => ({
    name: field(label, "The namespace's name."),
    labels: field(labels.optional(), 'What selectors look at; kubernetes.io/metadata.name is there by itself.'),
  }));
