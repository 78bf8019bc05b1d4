import * as z from 'zod';
import { address, label, labels, later, oneOf, port, strict, subdomain } from './fields.ts';
import { hostname, serviceName } from './ingress.ts';

/**
 * The Gateway API, in its own words: Gateways and their classes, whose `service` is ours; the routes are in schema-http-route.ts. All of it
 * is made when it is met: most files have none, and start-up is felt.
 */

export const GROUP = 'gateway.networking.k8s.io';

const labelSelector = () =>
  strict(
    {
      matchLabels: labels.default({}),
      matchExpressions: z
        .array(
          strict(
            { key: z.string(), operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: z.array(z.string()).default([]) },
            { key: "The label's name.", operator: 'In, NotIn, Exists or DoesNotExist.', values: 'For In and NotIn.' },
          ),
        )
        .default([]),
    },
    { matchLabels: 'Labels with their values.', matchExpressions: 'Further conditions.' },
  );

const addresses = () =>
  z
    .array(
      strict(
        { type: oneOf(['IPAddress']).default('IPAddress'), value: address },
        { type: 'Only IPAddress so far.', value: 'The address.' },
      ),
    )
    .default([]);

const listener = () =>
  strict(
    {
      name: subdomain,
      hostname: hostname.optional(),
      port: port,
      protocol: oneOf(['HTTP', 'HTTPS']),
      tls: strict(
        {
          mode: oneOf(['Terminate']).default('Terminate'),
          certificateRefs: z
            .array(
              strict(
                { name: subdomain, namespace: later('certificates of other namespaces') },
                { name: "The secret's name; its content plays no part." },
              ),
            )
            .default([]),
        },
        { mode: 'Only Terminate so far.', certificateRefs: 'The certificates.' },
      ).optional(),
      allowedRoutes: strict(
        {
          namespaces: strict(
            { from: oneOf(['Same', 'All', 'Selector', 'None']).default('Same'), selector: labelSelector().optional() },
            { from: 'Routes of which namespaces: its own, all, or those that the selector matches.', selector: 'With from: Selector.' },
          ).optional(),
          kinds: z
            .array(strict({ group: oneOf([GROUP]).default(GROUP), kind: z.string() }, { group: 'The API group.', kind: 'As HTTPRoute.' }))
            .default([]),
        },
        { namespaces: 'Whose routes it takes.', kinds: 'Which kinds of routes; left out, those of its protocol.' },
      ).optional(),
    },
    {
      name: "The listener's name, for sectionName.",
      hostname: 'The host, or with *. in front all below it; left out, all hosts.',
      port: 'The port that clients call.',
      protocol: 'HTTP or HTTPS.',
      tls: 'TLS ends here.',
      allowedRoutes: 'Which routes it takes; left out, those of its own namespace.',
    },
  );

export const gateway = () =>
  strict(
    {
      name: subdomain,
      namespace: label.default('default'),
      gatewayClassName: subdomain,
      service: serviceName.optional(),
      addresses: addresses(),
      listeners: z.array(listener()).min(1, { error: 'a Gateway has at least one listener' }),
      status: strict({ addresses: addresses() }, { addresses: 'What it got.' }).optional(),
    },
    {
      name: "The Gateway's name.",
      namespace: 'Its Kubernetes namespace.',
      gatewayClassName: 'Its class.',
      service: "The service before the controller's pods, as NAMESPACE/NAME; left out, its class's, else the one that has its address.",
      addresses: 'Addresses that it asks for.',
      listeners: 'Ports, protocols and hosts.',
      status: 'What its controller has made of it.',
    },
  );

export const gatewayClass = () =>
  strict(
    { name: subdomain, controllerName: z.string().optional(), service: serviceName.optional() },
    {
      name: "The class's name.",
      controllerName: 'Who serves it; plays no part.',
      service: "The service before the controller's pods, as NAMESPACE/NAME, for all Gateways of the class.",
    },
  );
