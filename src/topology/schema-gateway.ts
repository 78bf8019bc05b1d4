import * as z from 'zod';
import { address, label, labels, later, oneOf, port, strict, subdomain, whole } from './fields.ts';
import { hostname, serviceName } from './schema-ingress.ts';

/**
 * The Gateway API, in its own words; `service` of a class and of a Gateway is ours. All of it is made when it is met: most files have none,
 * and start-up is felt.
 */

const GROUP = 'gateway.networking.k8s.io';

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

const pathModifier = () =>
  strict(
    {
      type: oneOf(['ReplaceFullPath', 'ReplacePrefixMatch']),
      replaceFullPath: z.string().optional(),
      replacePrefixMatch: z.string().optional(),
    },
    { type: 'Which of the two.', replaceFullPath: 'The whole new path.', replacePrefixMatch: 'What stands for the prefix that matched.' },
  );

const header = () => strict({ name: z.string(), value: z.string() }, { name: "The header's name.", value: 'Its value.' });
const headers = () =>
  strict(
    { set: z.array(header()).default([]), add: z.array(header()).default([]), remove: z.array(z.string()).default([]) },
    { set: 'In place of what is there.', add: 'Beside what is there.', remove: 'By name.' },
  );

const filter = () =>
  strict(
    {
      type: oneOf(['URLRewrite', 'RequestRedirect', 'RequestHeaderModifier', 'ResponseHeaderModifier']),
      urlRewrite: strict(
        { hostname: hostname.optional(), path: pathModifier().optional() },
        { hostname: 'The Host header that the backend gets.', path: 'The path that it gets.' },
      ).optional(),
      requestRedirect: strict(
        {
          scheme: oneOf(['http', 'https']).optional(),
          hostname: hostname.optional(),
          path: pathModifier().optional(),
          port: port.optional(),
          statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(302),
        },
        {
          scheme: 'The new scheme.',
          hostname: 'The new host.',
          path: 'The new path.',
          port: 'The new port.',
          statusCode: '301, 302, 303, 307 or 308.',
        },
      ).optional(),
      requestHeaderModifier: headers().optional(),
      responseHeaderModifier: headers().optional(),
      requestMirror: later('mirrors (requestMirror)'),
      extensionRef: later('filters of implementations (extensionRef)'),
    },
    {
      type: 'Which one.',
      urlRewrite: 'Another host or path for the backend.',
      requestRedirect: 'An answer that sends the client elsewhere.',
      requestHeaderModifier: 'Headers of the request.',
      responseHeaderModifier: 'Headers of the answer.',
    },
  );

const valueMatch = (where: string) =>
  strict(
    { type: oneOf(['Exact', 'RegularExpression']).default('Exact'), name: z.string(), value: z.string() },
    {
      type: 'What a RegularExpression matches is up to the implementation: traces that hang on one are undetermined.',
      name: `The ${where}'s name.`,
      value: 'Its value.',
    },
  );

const match = () =>
  strict(
    {
      path: strict(
        { type: oneOf(['Exact', 'PathPrefix', 'RegularExpression']).default('PathPrefix'), value: z.string().default('/') },
        { type: 'Exact, PathPrefix by path element, or RegularExpression, which is undetermined.', value: 'The path.' },
      ).optional(),
      headers: z.array(valueMatch('header')).default([]),
      queryParams: z.array(valueMatch('parameter')).default([]),
      method: z
        .string()
        .regex(/^[A-Z]+$/, { error: 'expected a method in capitals, as GET' })
        .optional(),
    },
    { path: 'Left out: all paths.', headers: 'All of these.', queryParams: 'All of these.', method: 'As GET.' },
  );

const reference = {
  group: oneOf([GROUP]).default(GROUP),
  kind: oneOf(['Gateway']).default('Gateway'),
  name: subdomain,
  namespace: label.optional(),
};

export const httpRoute = () =>
  strict(
    {
      name: subdomain,
      namespace: label.default('default'),
      parentRefs: z
        .array(
          strict(
            { ...reference, sectionName: subdomain.optional(), port: port.optional() },
            {
              group: 'The API group.',
              kind: 'Only Gateway so far.',
              name: "The Gateway's name.",
              namespace: "Its namespace; left out, the route's.",
              sectionName: 'Only this listener.',
              port: 'Only listeners on this port.',
            },
          ),
        )
        .default([]),
      hostnames: z.array(hostname).default([]),
      rules: z
        .array(
          strict(
            {
              name: subdomain.optional(),
              matches: z.array(match()).default([]),
              filters: z.array(filter()).default([]),
              backendRefs: z
                .array(
                  strict(
                    {
                      group: z.literal('', { error: 'only services are supported' }).default(''),
                      kind: oneOf(['Service']).default('Service'),
                      name: label,
                      namespace: label.optional(),
                      port: port,
                      weight: whole(0, 1000000).default(1),
                      filters: later('filters of one backend'),
                    },
                    {
                      group: 'The API group; empty for services.',
                      kind: 'Only Service so far.',
                      name: "The service's name.",
                      namespace: "Its namespace; left out, the route's. Another one needs a ReferenceGrant.",
                      port: "The service's port.",
                      weight: 'Its share, among the weights of all.',
                    },
                  ),
                )
                .default([]),
              timeouts: later('timeouts'),
              retry: later('retries'),
            },
            {
              name: "The rule's name.",
              matches: 'Any of these; left out, everything.',
              filters: 'What is changed.',
              backendRefs: 'Who gets the requests.',
            },
          ),
        )
        .min(1, { error: 'state at least one rule' }),
    },
    {
      name: "The route's name.",
      namespace: 'Its Kubernetes namespace.',
      parentRefs: 'The Gateways that it hangs on.',
      hostnames: 'Its hosts; left out, those of the listener.',
      rules: 'What goes where.',
    },
  );

export const referenceGrant = () =>
  strict(
    {
      name: subdomain,
      namespace: label.default('default'),
      from: z.array(
        strict(
          { group: z.string(), kind: z.string(), namespace: label },
          { group: 'The API group of who refers.', kind: 'As HTTPRoute.', namespace: 'Its namespace.' },
        ),
      ),
      to: z.array(
        strict(
          { group: z.string(), kind: z.string(), name: subdomain.optional() },
          { group: 'The API group of what is referred to; empty for services.', kind: 'As Service.', name: 'Only this one.' },
        ),
      ),
    },
    { name: "The grant's name.", namespace: 'The namespace that may be referred to.', from: 'Who may.', to: 'What.' },
  );
