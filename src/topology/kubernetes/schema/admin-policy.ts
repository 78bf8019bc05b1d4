import * as z from 'zod';
import { oneOf, port, portName, whole } from '../../../source/fields.ts';
import { checked, type Documented, field, loose, MALFORMED, not, strict, type Wrong } from '../../../source/objects.ts';
import { canonicalCidr, cidr } from '../../schema/ip-block.ts';
import { labelSelector } from '../../schema/label-selector.ts';

/**
 * The policies of administrators, held against the rules of their CustomResourceDefinitions.
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy v1alpha1, ClusterNetworkPolicy v1alpha2 and v1beta1: https://network-policy-api.sigs.k8s.io/
 */

const named = <S extends z.ZodType>(schema: S): Documented<S> => field(schema, '');

/** Reports all fields but one of those that exclude each other. */
function exactlyOne(value: Readonly<Record<string, unknown>>, names: readonly string[], what: string, wrong: Wrong): void {
  const [first, second] = names.filter((name) => value[name] != null);
  if (first === undefined) wrong([], `${what} needs one of ${names.join(', ')}`);
  else if (second !== undefined) wrong(second, `${what} has one of ${names.join(', ')}: ${first} is there already`);
}

const namespacedPods = () =>
  strict(() => ({ namespaceSelector: named(labelSelector()), podSelector: named(labelSelector()), namespaces: gone('namespaces') }));

/** Relations between namespaces, until v0.1.1 of the API. */
const gone = (name: string) => not(`${name}: gone from the API since v0.1.2; select the namespaces by their labels`);

const namespaces = () =>
  labelSelector().extend({
    sameLabels: gone('sameLabels'),
    notSameLabels: gone('notSameLabels'),
    namespaceSelector: gone('namespaceSelector'),
  });

const subject = () =>
  checked(
    strict(() => ({ namespaces: named(namespaces().optional()), pods: named(namespacedPods().optional()) })),
    (value, wrong) => exactlyOne(value, ['namespaces', 'pods'], 'a subject', wrong),
  );

/** A field that nobody knows is one of a newer version: it is kept, for a peer that has one is not just anybody. */
const ingressPeer = () =>
  checked(
    loose(() => ({ namespaces: named(namespaces().optional()), pods: named(namespacedPods().optional()) })),
    (value, wrong) => exactlyOne(value, fieldsOf(value, ['namespaces', 'pods']), 'a peer', wrong),
  );

const DOMAIN = /^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;
const domain = () =>
  z.string().regex(DOMAIN, { error: 'expected a domain name of at least two labels, as example.com, or with *. before it' });

const EGRESS_PEERS = ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];

const egressPeer = (range: typeof cidr) =>
  checked(
    loose(() => ({
      namespaces: named(namespaces().optional()),
      pods: named(namespacedPods().optional()),
      nodes: named(labelSelector().optional()),
      networks: named(z.array(range()).min(1, { error: 'state at least one network' }).optional()),
      domainNames: named(z.array(domain()).min(1, { error: 'state at least one name' }).optional()),
    })),
    (value, wrong) => exactlyOne(value, fieldsOf(value, EGRESS_PEERS), 'a peer', wrong),
  );

const fieldsOf = (value: object, known: readonly string[]): readonly string[] => [
  ...known,
  ...Object.keys(value).filter((name) => !known.includes(name)),
];

/** The CustomResourceDefinitions take only this order. */
const ascending = (start: unknown, end: unknown, wrong: Wrong) => {
  if (typeof start === 'number' && typeof end === 'number' && start >= end) wrong('end', `expected a port above start, which is ${start}`);
};

const range = () =>
  checked(
    strict(() => ({ start: named(port), end: named(port) })),
    ({ start, end }, wrong) => ascending(start, end, wrong),
  );

const protocol = () => oneOf(['TCP', 'UDP', 'SCTP']);

const adminPort = () =>
  checked(
    strict(() => ({
      portNumber: named(strict(() => ({ protocol: named(protocol().optional()), port: named(port) })).optional()),
      namedPort: named(portName.optional()),
      portRange: named(
        checked(
          strict(() => ({ protocol: named(protocol().optional()), start: named(port), end: named(port) })),
          ({ start, end }, wrong) => ascending(start, end, wrong),
        ).optional(),
      ),
    })),
    (value, wrong) => exactlyOne(value, ['portNumber', 'namedPort', 'portRange'], 'a port', wrong),
  );

const destination = () =>
  strict(() => ({
    destinationPort: named(
      checked(
        strict(() => ({ number: named(port.optional()), range: named(range().optional()) })),
        (value, wrong) => exactlyOne(value, ['number', 'range'], 'a destinationPort', wrong),
      ).optional(),
    ),
  })).optional();

const PROTOCOLS = ['tcp', 'udp', 'sctp', 'destinationNamedPort'];

const clusterProtocol = () =>
  checked(
    strict(() => ({
      tcp: named(destination()),
      udp: named(destination()),
      sctp: named(destination()),
      destinationNamedPort: named(portName.optional()),
    })),
    (value, wrong) => exactlyOne(value, PROTOCOLS, 'a protocol', wrong),
  );

const ruleName = () => z.string().max(100, { error: "a rule's name has at most 100 characters" }).optional();
const atLeastOne = <S extends z.ZodType>(item: S) => z.array(item).min(1, { error: 'state at least one peer' });

/** What a rule has besides its peers. */
type Ports = 'ports' | 'protocols';
const instead = (own: Ports, other: Ports) => not(`a rule of this kind has no ${other}; write them as ${own}`);

/** Neither has names for its ports, and a name has one action. */
function checkEgress(
  value: { readonly action: unknown; readonly to: unknown; readonly named: boolean },
  accept: string,
  wrong: Wrong,
): void {
  if (!Array.isArray(value.to)) return;
  for (const [i, peer] of value.to.entries()) {
    const kind = EGRESS_PEERS.slice(2).find((name) => typeof peer === 'object' && peer !== null && name in peer);
    if (kind !== undefined && value.named) wrong(['to', i, kind], `${kind} have no named ports, which this rule asks for`);
    if (kind === 'domainNames' && value.action !== accept && value.action !== MALFORMED)
      wrong(['to', i, kind], `only a rule with action: ${accept} takes domainNames`);
  }
}

function adminRules<const A extends readonly [string, ...string[]]>(actions: A) {
  const shared = () => ({
    name: named(ruleName()),
    action: named(oneOf(actions)),
    ports: named(z.array(adminPort()).optional()),
    protocols: instead('ports', 'protocols'),
  });
  return {
    ingress: named(z.array(strict(() => ({ ...shared(), from: named(atLeastOne(ingressPeer())) }))).optional()),
    egress: named(
      z
        .array(
          checked(
            strict(() => ({ ...shared(), to: named(atLeastOne(egressPeer(cidr))) })),
            ({ action, to, ports }, wrong) =>
              checkEgress({ action, to, named: Array.isArray(ports) && ports.some((p) => p.namedPort !== undefined) }, 'Allow', wrong),
          ),
        )
        .optional(),
    ),
  };
}

const priority = () => named(whole(0, 1000, 'a priority'));

/** `metadata` is read by the kind's own schema. */
export const adminNetworkPolicy = z.lazy(() =>
  strict(() => ({
    spec: named(strict(() => ({ priority: priority(), subject: named(subject()), ...adminRules(['Allow', 'Deny', 'Pass']) }))),
  })),
);

export const baselineAdminNetworkPolicy = z.lazy(() =>
  strict(() => ({ spec: named(strict(() => ({ subject: named(subject()), ...adminRules(['Allow', 'Deny']) }))) })),
);

const clusterRule = () => ({
  name: named(ruleName()),
  action: named(oneOf(['Accept', 'Deny', 'Pass'])),
  protocols: named(z.array(clusterProtocol()).min(1, { error: 'state at least one protocol; left out, the rule is for all' }).optional()),
  ports: instead('protocols', 'ports'),
});

export const clusterNetworkPolicy = z.lazy(() =>
  strict(() => ({
    spec: named(
      strict(() => ({
        tier: named(oneOf(['Admin', 'Baseline'])),
        priority: priority(),
        subject: named(subject()),
        ingress: named(z.array(strict(() => ({ ...clusterRule(), from: named(atLeastOne(ingressPeer())) }))).optional()),
        egress: named(
          z
            .array(
              checked(
                strict(() => ({ ...clusterRule(), to: named(atLeastOne(egressPeer(canonicalCidr))) })),
                ({ action, to, protocols }, wrong) => {
                  const hasNamed = Array.isArray(protocols) && protocols.some((p) => p.destinationNamedPort !== undefined);
                  checkEgress({ action, to, named: hasNamed }, 'Accept', wrong);
                },
              ),
            )
            .optional(),
        ),
      })),
    ),
  })),
);

export type AdminPeer = z.output<ReturnType<typeof egressPeer>>;
export type AdminPort = z.output<ReturnType<typeof adminPort>>;
export type ClusterProtocol = z.output<ReturnType<typeof clusterProtocol>>;
export type AdminSubject = z.output<ReturnType<typeof subject>>;
