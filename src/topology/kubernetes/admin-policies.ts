import type { Policy, PolicyPeer, PolicyPort, PolicyRule, Subject } from '../../k8s/policy/policy.ts';
import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { declared } from '../../source/origin.ts';
import { Cursor } from '../resolve/cursor.ts';
import { blocksPeer, noteHidden, protocolOf } from '../resolve/policy-values.ts';
import { selectorOf } from '../resolve/selectors.ts';
import { type KubeObject, nameOf, type Objects, objectsOf } from './objects.ts';
import { policyForm } from './policy-form.ts';
import {
  type AdminPeer,
  type AdminPort,
  type AdminSubject,
  adminNetworkPolicy,
  baselineAdminNetworkPolicy,
  type ClusterProtocol,
  clusterNetworkPolicy,
} from './schema/admin-policy.ts';

/** Policies of administrators, which are cluster-wide; what no API server takes is reported. */
export function adminPoliciesIn(objects: Objects, found: Diagnostic[]): readonly Policy[] {
  const policies = [
    ...objectsOf(objects, 'AdminNetworkPolicy').flatMap((object) => {
      const form = policyForm(adminNetworkPolicy, object, found);
      return form === null ? [] : [policyIn(object, { tier: 'Admin', ...form.spec }, found)];
    }),
    ...objectsOf(objects, 'BaselineAdminNetworkPolicy').flatMap((object) => {
      if (nameOf(object) !== 'default') found.push(notDefault(object));
      const form = policyForm(baselineAdminNetworkPolicy, object, found);
      return form === null ? [] : [policyIn(object, { tier: 'Baseline', priority: null, ...form.spec }, found)];
    }),
    ...objectsOf(objects, 'ClusterNetworkPolicy').flatMap((object) => {
      const form = policyForm(clusterNetworkPolicy, object, found);
      return form === null ? [] : [policyIn(object, form.spec, found)];
    }),
  ];
  noteHidden(policies, found);
  return policies;
}

const notDefault = ({ locus }: KubeObject): Diagnostic =>
  diagnosticAt(locus.document, ['metadata', 'name'], {
    code: 'bad-value',
    message: 'a cluster has one BaselineAdminNetworkPolicy, and its name is default',
    hint: 'name: default',
  });

interface RuleInput {
  readonly name?: string | undefined;
  readonly action: 'Allow' | 'Accept' | 'Deny' | 'Pass';
  readonly from?: readonly AdminPeer[];
  readonly to?: readonly AdminPeer[];
  readonly ports?: readonly AdminPort[] | undefined;
  readonly protocols?: readonly ClusterProtocol[] | undefined;
}

interface SpecInput {
  readonly tier: 'Admin' | 'Baseline';
  readonly priority: number | null;
  readonly subject: AdminSubject;
  readonly ingress?: readonly RuleInput[] | undefined;
  readonly egress?: readonly RuleInput[] | undefined;
}

type AdminKind = 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';

function policyIn(object: KubeObject<AdminKind>, { tier, priority, subject, ingress, egress }: SpecInput, found: Diagnostic[]): Policy {
  const here = new Cursor(object.locus, found);
  const spec = here.at('spec');
  const most = object.kind === 'ClusterNetworkPolicy' ? 25 : 100;
  for (const [field, rules = []] of [
    ['ingress', ingress],
    ['egress', egress],
  ] as const) {
    const tooMany = (at: Cursor, items: readonly unknown[] | undefined, what: string) => {
      if ((items ?? []).length > most)
        at.warn('too-many-rules', `${items?.length} ${what}, and the API takes ${most}`, 'make two policies of it, or two rules');
    };
    tooMany(spec.at(field), rules, 'rules');
    for (const [i, { from, to, ports, protocols }] of rules.entries()) {
      tooMany(spec.at(field, i, from === undefined ? 'to' : 'from'), from ?? to, 'peers');
      tooMany(spec.at(field, i, ports === undefined ? 'protocols' : 'ports'), ports ?? protocols, 'ports');
    }
  }
  // Without rules it says nothing of a direction: only a NetworkPolicy isolates.
  const rules = (field: 'ingress' | 'egress', all: readonly RuleInput[] = []) =>
    all.length === 0 ? null : all.map((rule, i) => readRule(spec.at(field, i), rule));
  return {
    kind: object.kind,
    namespace: null,
    name: nameOf(object),
    tier,
    priority,
    subject: subjectOf(subject),
    ingress: rules('ingress', ingress),
    egress: rules('egress', egress),
    origin: declared(here.locus),
    locus: here.locus,
  };
}

function subjectOf({ namespaces, pods }: AdminSubject): Subject {
  return pods === undefined
    ? { namespaces: selectorOf(namespaces), pods: selectorOf(undefined) }
    : { namespaces: selectorOf(pods.namespaceSelector), pods: selectorOf(pods.podSelector) };
}

const ACTIONS = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const;

function readRule(here: Cursor, { name, action, from, to, ports, protocols }: RuleInput): PolicyRule {
  const field = from === undefined ? 'to' : 'from';
  const read = [
    ...(ports ?? []).map((port, i) => portIn(here.at('ports', i), port)),
    ...(protocols ?? []).map((protocol, i) => protocolIn(here.at('protocols', i), protocol)),
  ];
  return {
    name: name ?? null,
    action: ACTIONS[action],
    peers: (from ?? to ?? []).map((peer, i) => peerIn(here.at(field, i), peer)),
    ports: read.length === 0 ? null : read,
    locus: here.locus,
  };
}

function peerIn(here: Cursor, { namespaces, pods, nodes, networks, domainNames, ...others }: AdminPeer): PolicyPeer {
  const { locus } = here;
  if (namespaces !== undefined) return { kind: 'pods', namespaces: selectorOf(namespaces), pods: selectorOf(undefined), locus };
  if (pods !== undefined)
    return { kind: 'pods', namespaces: selectorOf(pods.namespaceSelector), pods: selectorOf(pods.podSelector), locus };
  if (nodes !== undefined) return { kind: 'nodes', nodes: selectorOf(nodes), locus };
  if (networks !== undefined) return blocksPeer(here, networks, [], (_, i) => here.at('networks', i));
  if (domainNames !== undefined) return { kind: 'domains', names: domainNames, locus };
  const [field = ''] = Object.keys(others);
  here
    .at(field)
    .warn(
      'unknown-peer',
      `no version that is known has peers by ${field}: nothing matches it in a rule that allows, and one that does not denies everything`,
      'a newer version of k8s-trace may know it',
    );
  return { kind: 'unknown', field, locus };
}

/** A name says nothing of the protocol: that of the container's port counts. */
function portIn({ locus }: Cursor, { portNumber, namedPort, portRange }: AdminPort): PolicyPort {
  if (portNumber !== undefined)
    return { protocol: protocolOf(portNumber.protocol), port: { first: portNumber.port, last: portNumber.port }, locus };
  if (portRange !== undefined)
    return { protocol: protocolOf(portRange.protocol), port: { first: portRange.start, last: portRange.end }, locus };
  return { protocol: null, port: { name: namedPort ?? '' }, locus };
}

const TRANSPORTS = ['tcp', 'udp', 'sctp'] as const;

function protocolIn(here: Cursor, input: ClusterProtocol): PolicyPort {
  const { locus } = here;
  const protocol = TRANSPORTS.find((name) => input[name] !== undefined);
  if (protocol === undefined) return { protocol: null, port: { name: input.destinationNamedPort ?? '' }, locus };
  const wanted = input[protocol]?.destinationPort;
  if (wanted === undefined) {
    here
      .at(protocol)
      .warn(
        'protocol-without-port',
        `without a destinationPort this is all of ${protocol}, and the API server refuses it`,
        'state destinationPort: { range: { start: 1, end: 65535 } }',
      );
    return { protocol, port: null, locus };
  }
  const { number, range } = wanted;
  return {
    protocol,
    port: range === undefined ? { first: number ?? 0, last: number ?? 0 } : { first: range.start, last: range.end },
    locus,
  };
}
