import * as z from 'zod';
import { label, oneOf, port, subdomain, whole } from '../../source/fields.ts';
import { field, later, strict } from '../../source/objects.ts';
import { GROUP } from './gateway.ts';
import { hostname } from './ingress.ts';

/** HTTPRoutes and what lets them refer to other namespaces, in the Gateway API's own words. Made when they are met, as in gateway.ts. */

const pathModifier = () =>
  strict(() => ({
    type: field(oneOf(['ReplaceFullPath', 'ReplacePrefixMatch']), 'Which of the two.'),
    replaceFullPath: field(z.string().optional(), 'The whole new path.'),
    replacePrefixMatch: field(z.string().optional(), 'What stands for the prefix that matched.'),
  }));

const header = () => strict(() => ({ name: field(z.string(), "The header's name."), value: field(z.string(), 'Its value.') }));
const headers = () =>
  strict(() => ({
    set: field(z.array(header()).optional(), 'In place of what is there.'),
    add: field(z.array(header()).optional(), 'Beside what is there.'),
    remove: field(z.array(z.string()).optional(), 'By name.'),
  }));

const filter = () =>
  strict(() => ({
    type: field(oneOf(['URLRewrite', 'RequestRedirect', 'RequestHeaderModifier', 'ResponseHeaderModifier']), 'Which one.'),
    urlRewrite: field(
      strict(() => ({
        hostname: field(hostname().optional(), 'The Host header that the backend gets.'),
        path: field(pathModifier().optional(), 'The path that it gets.'),
      })).optional(),
      'Another host or path for the backend.',
    ),
    requestRedirect: field(
      strict(() => ({
        scheme: field(oneOf(['http', 'https']).optional(), 'The new scheme.'),
        hostname: field(hostname().optional(), 'The new host.'),
        path: field(pathModifier().optional(), 'The new path.'),
        port: field(port.optional(), 'The new port.'),
        statusCode: field(
          z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
          '301, 302, 303, 307 or 308.',
        ),
      })).optional(),
      'An answer that sends the client elsewhere.',
    ),
    requestHeaderModifier: field(headers().optional(), 'Headers of the request.'),
    responseHeaderModifier: field(headers().optional(), 'Headers of the answer.'),
    requestMirror: later('mirrors (requestMirror)'),
    extensionRef: later('filters of implementations (extensionRef)'),
  }));

const valueMatch = (where: string) =>
  strict(() => ({
    type: field(
      oneOf(['Exact', 'RegularExpression']).optional(),
      'What a RegularExpression matches is up to the implementation: traces that hang on one are undetermined.',
    ),
    name: field(z.string(), `The ${where}'s name.`),
    value: field(z.string(), 'Its value.'),
  }));

const match = () =>
  strict(() => ({
    path: field(
      strict(() => ({
        type: field(
          oneOf(['Exact', 'PathPrefix', 'RegularExpression']).optional(),
          'Exact, PathPrefix by path element, or RegularExpression, which is undetermined.',
        ),
        value: field(z.string().optional(), 'The path.'),
      })).optional(),
      'Left out: all paths.',
    ),
    headers: field(z.array(valueMatch('header')).optional(), 'All of these.'),
    queryParams: field(z.array(valueMatch('parameter')).optional(), 'All of these.'),
    method: field(
      z
        .string()
        .regex(/^[A-Z]+$/, { error: 'expected a method in capitals, as GET' })
        .optional(),
      'As GET.',
    ),
  }));

const reference = {
  group: field(oneOf([GROUP]).optional(), 'The API group.'),
  kind: field(oneOf(['Gateway']).optional(), 'Only Gateway so far.'),
  name: field(subdomain, "The Gateway's name."),
  namespace: field(label.optional(), "Its namespace; left out, the route's."),
};

export const httpRoute = () =>
  strict(() => ({
    name: field(subdomain, "The route's name."),
    namespace: field(label.optional(), 'Its Kubernetes namespace.'),
    parentRefs: field(
      z
        .array(
          strict(() => ({
            ...reference,
            sectionName: field(subdomain.optional(), 'Only this listener.'),
            port: field(port.optional(), 'Only listeners on this port.'),
          })),
        )
        .optional(),
      'The Gateways that it hangs on.',
    ),
    hostnames: field(z.array(hostname()).optional(), 'Its hosts; left out, those of the listener.'),
    rules: field(
      z
        .array(
          strict(() => ({
            name: field(subdomain.optional(), "The rule's name."),
            matches: field(z.array(match()).optional(), 'Any of these; left out, everything.'),
            filters: field(z.array(filter()).optional(), 'What is changed.'),
            backendRefs: field(
              z
                .array(
                  strict(() => ({
                    group: field(z.literal('', { error: 'only services are supported' }).optional(), 'The API group; empty for services.'),
                    kind: field(oneOf(['Service']).optional(), 'Only Service so far.'),
                    name: field(label, "The service's name."),
                    namespace: field(label.optional(), "Its namespace; left out, the route's. Another one needs a ReferenceGrant."),
                    port: field(port, "The service's port."),
                    weight: field(whole(0, 1000000).optional(), 'Its share, among the weights of all.'),
                    filters: later('filters of one backend'),
                  })),
                )
                .optional(),
              'Who gets the requests.',
            ),
            timeouts: later('timeouts'),
            retry: later('retries'),
          })),
        )
        .min(1, { error: 'state at least one rule' }),
      'What goes where.',
    ),
  }));

export const referenceGrant = () =>
  strict(() => ({
    name: field(subdomain, "The grant's name."),
    namespace: field(label.optional(), 'The namespace that may be referred to.'),
    from: field(
      z.array(
        strict(() => ({
          group: field(z.string(), 'The API group of who refers.'),
          kind: field(z.string(), 'As HTTPRoute.'),
          namespace: field(label, 'Its namespace.'),
        })),
      ),
      'Who may.',
    ),
    to: field(
      z.array(
        strict(() => ({
          group: field(z.string(), 'The API group of what is referred to; empty for services.'),
          kind: field(z.string(), 'As Service.'),
          name: field(subdomain.optional(), 'Only this one.'),
        })),
      ),
      'What.',
    ),
  }));
