import * as z from 'zod';
import { address, label, oneOf, port, subdomain } from '../../source/fields.ts';
import { field, later, strict } from '../../source/objects.ts';
import { hostname, serviceName } from './ingress.ts';
import { labelSelector } from './label-selector.ts';

/**
 * The Gateway API, in its own words: Gateways and their classes, whose `service` is ours; the routes are in http-route.ts. All of it
 * is made when it is met: most files have none, and start-up is felt.
 */

export const GROUP = 'gateway.networking.k8s.io';

const addresses = () =>
  z
    .array(
      strict(() => ({ type: field(oneOf(['IPAddress']).optional(), 'Only IPAddress so far.'), value: field(address, 'The address.') })),
    )
    .optional();

const listener = () =>
  strict(() => ({
    name: field(subdomain, "The listener's name, for sectionName."),
    hostname: field(hostname().optional(), 'The host, or with *. in front all below it; left out, all hosts.'),
    port: field(port, 'The port that clients call.'),
    protocol: field(oneOf(['HTTP', 'HTTPS']), 'HTTP or HTTPS.'),
    tls: field(
      strict(() => ({
        mode: field(oneOf(['Terminate']).optional(), 'Only Terminate so far.'),
        certificateRefs: field(
          z
            .array(
              strict(() => ({
                name: field(subdomain, "The secret's name; its content plays no part."),
                namespace: later('certificates of other namespaces'),
              })),
            )
            .optional(),
          'The certificates.',
        ),
      })).optional(),
      'TLS ends here.',
    ),
    allowedRoutes: field(
      strict(() => ({
        namespaces: field(
          strict(() => ({
            from: field(
              oneOf(['Same', 'All', 'Selector', 'None']).optional(),
              'Routes of which namespaces: its own, all, or those that the selector matches.',
            ),
            selector: field(labelSelector().optional(), 'With from: Selector.'),
          })).optional(),
          'Whose routes it takes.',
        ),
        kinds: field(
          z
            .array(strict(() => ({ group: field(oneOf([GROUP]).optional(), 'The API group.'), kind: field(z.string(), 'As HTTPRoute.') })))
            .optional(),
          'Which kinds of routes; left out, those of its protocol.',
        ),
      })).optional(),
      'Which routes it takes; left out, those of its own namespace.',
    ),
  }));

export const gateway = () =>
  strict(() => ({
    name: field(subdomain, "The Gateway's name."),
    namespace: field(label.optional(), 'Its Kubernetes namespace.'),
    gatewayClassName: field(subdomain, 'Its class.'),
    service: field(
      serviceName().optional(),
      "The service before the controller's pods, as NAMESPACE/NAME; left out, its class's, else the one that has its address.",
    ),
    addresses: field(addresses(), 'Addresses that it asks for.'),
    listeners: field(z.array(listener()).min(1, { error: 'a Gateway has at least one listener' }), 'Ports, protocols and hosts.'),
    status: field(strict(() => ({ addresses: field(addresses(), 'What it got.') })).optional(), 'What its controller has made of it.'),
  }));

export const gatewayClass = () =>
  strict(() => ({
    name: field(subdomain, "The class's name."),
    controllerName: field(z.string().optional(), 'Who serves it; plays no part.'),
    service: field(serviceName().optional(), "The service before the controller's pods, as NAMESPACE/NAME, for all Gateways of the class."),
  }));
