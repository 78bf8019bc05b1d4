import * as z from 'zod';
import { label, later, oneOf, port, strict, subdomain, whole } from './fields.ts';
import { GROUP } from './gateway.ts';
import { hostname } from './ingress.ts';

/** HTTPRoutes and what lets them refer to other namespaces, in the Gateway API's own words. Made when they are met, as in schema-gateway.ts. */

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
