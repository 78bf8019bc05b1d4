import * as z from 'zod';
import { formatPrefix } from '../../net/prefix.ts';
import { label, oneOf, port, portName, subdomain } from '../../source/fields.ts';
import { checked, field, MALFORMED, type Stated, shared, strict, type Wrong } from '../../source/objects.ts';
import { cidr, isHiddenCidr, isStrictSubset } from './ip-block.ts';
import { labelSelector } from './label-selector.ts';

/**
 * NetworkPolicies, in Kubernetes' own words and held against the API server's own rules: what it refuses never comes to be. A field
 * that is null is as good as none. Source: pkg/apis/networking/validation/validation.go.
 */

const isRead = (cidr: unknown): boolean => typeof cidr === 'object' && cidr !== null;

const ipBlock = () =>
  checked(
    strict(() => ({
      cidr: field(cidr(), 'The range.'),
      except: field(z.array(cidr()).nullish(), 'Ranges in it that are left out.'),
    })),
    ({ cidr, except }, wrong) => {
      if (cidr === MALFORMED || except === MALFORMED) return;
      // A range that is malformed was reported, and is not there.
      for (const [i, part] of (except ?? []).entries())
        if (isRead(cidr) && isRead(part) && !isHiddenCidr(cidr) && !isHiddenCidr(part) && !isStrictSubset(part.prefix, cidr.prefix))
          wrong(['except', i], `expected a part of cidr, ${formatPrefix(cidr.prefix)}, that is smaller than it`);
    },
  );

const peer = shared(() =>
  checked(
    strict(() => ({
      podSelector: field(
        labelSelector().nullish(),
        "Pods by their labels: of the namespaces that namespaceSelector selects, or without one of the policy's own.",
      ),
      namespaceSelector: field(labelSelector().nullish(), 'Pods of these namespaces.'),
      ipBlock: field(ipBlock().nullish(), 'Addresses; in the place of selectors.'),
    })),
    ({ podSelector, namespaceSelector, ipBlock }, wrong) => {
      const selects = podSelector != null || namespaceSelector != null;
      if (ipBlock != null && selects) wrong('ipBlock', 'a peer has either an ipBlock or selectors');
      if (ipBlock == null && !selects)
        wrong([], 'a peer needs a podSelector, a namespaceSelector or an ipBlock; anybody is a rule that has no peers');
    },
  ),
);

/** With a quoted number people mean the number. */
const portField = () =>
  z.union([port, z.string()], { error: 'expected a port number from 1 to 65535, or the name of one' }).superRefine((value, context) => {
    if (typeof value === 'number') return;
    if (/^\d+$/.test(value))
      context.addIssue({ code: 'custom', message: `in quotes this is a name, and a name has a letter; write ${value} without quotes` });
    else
      for (const issue of portName.safeParse(value).error?.issues.slice(0, 1) ?? [])
        context.addIssue({ code: 'custom', message: issue.message });
  });

const portFields = strict(() => ({
  protocol: field(oneOf(['TCP', 'UDP', 'SCTP']).nullish(), 'Left out, TCP.'),
  port: field(
    portField().nullish(),
    'A number, or the name that a container of the destination gives to a port of its own; left out, all.',
  ),
  endPort: field(port.nullish(), 'The last of a range that begins with port.'),
}));

const policyPort = shared(() => checked(portFields, checkEndPort));

function checkEndPort({ port, endPort }: Stated<z.output<typeof portFields>>, wrong: Wrong): void {
  if (endPort == null || endPort === MALFORMED || port === MALFORMED) return;
  if (port == null) wrong('endPort', 'endPort needs a port, which the range begins with');
  else if (typeof port === 'string') wrong('endPort', 'endPort needs a port that is a number');
  else if (endPort < port) wrong('endPort', `endPort must not be less than port, which is ${port}`);
}

const ports = () => field(z.array(policyPort()).nullish(), 'Any of these; left out, all ports of all protocols.');
const peers = () => z.array(peer()).nullish();

const specFields = () => ({
  podSelector: field(labelSelector().nullish(), 'The pods of its namespace that it is about; left out, all.'),
  policyTypes: field(
    z
      .array(oneOf(['Ingress', 'Egress']))
      .max(2, { error: 'a policy has at most two policyTypes' })
      .nullish(),
    'Ingress, Egress or both: what it isolates the pods in. Left out, Ingress, and Egress if there are egress rules.',
  ),
  ingress: field(
    z.array(strict(() => ({ from: field(peers(), 'From any of these; left out, from anywhere.'), ports: ports() }))).nullish(),
    'What may reach the pods: what any of the rules lets in.',
  ),
  egress: field(
    z.array(strict(() => ({ to: field(peers(), 'To any of these; left out, to anywhere.'), ports: ports() }))).nullish(),
    'What the pods may reach.',
  ),
});

/** The `spec` of an object. */
export const networkPolicySpec = () => strict(specFields);

export const networkPolicy = () =>
  strict(() => ({
    name: field(subdomain, "The policy's name."),
    namespace: field(label.optional(), 'Its Kubernetes namespace.'),
    ...specFields(),
  }));

export type NetworkPolicySpec = z.output<ReturnType<typeof networkPolicySpec>>;
