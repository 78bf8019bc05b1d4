/**
 * A second opinion on policies, written from the words of the APIs (networking.k8s.io/v1, policy.networking.k8s.io v1alpha1 and v1alpha2) and from nothing
 * of src/: plain objects in, as YAML has them, and every policy and rule looked at. What the words leave open is tried in each way that they allow: an
 * answer that hangs on it is `unknown`. IPv4 only.
 */
export type Labels = Readonly<Record<string, string>>;
export interface NaivePod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ip: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name: string; readonly containerPort: number; readonly protocol: string }[];
}
export interface NaiveCluster {
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly nodes: readonly { readonly name: string; readonly ip: string; readonly labels: Labels }[];
  readonly pods: readonly NaivePod[];
}
export interface NaiveFlow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** ICMP has none. */
  readonly port: number | null;
}
type Direction = 'ingress' | 'egress';
type Answer = 'allow' | 'deny' | 'unknown';
// biome-ignore lint/suspicious/noExplicitAny: objects as they are written; whoever reads them by types would read them as src does.
type Raw = any;
/** Answers a number below the given one: once each, over all runs. */
type Choose = (ways: number) => number;

export function naive(objects: readonly Raw[], cluster: NaiveCluster, pod: NaivePod, direction: Direction, flow: NaiveFlow): Answer {
  const results = new Set<'allow' | 'deny'>();
  everyWay((choose) => results.add(oneWay(objects, cluster, pod, direction, flow, choose)));
  return results.size > 1 ? 'unknown' : results.has('deny') ? 'deny' : 'allow';
}

function everyWay(run: (choose: Choose) => void): void {
  let plan: { at: number; of: number }[] = [];
  for (;;) {
    let step = 0;
    run((ways) => {
      if (step === plan.length) plan.push({ at: 0, of: ways });
      return plan[step++]?.at ?? 0;
    });
    while (plan.length > 0 && (plan.at(-1)?.at ?? 0) + 1 === plan.at(-1)?.of) plan = plan.slice(0, -1);
    const last = plan.pop();
    if (last === undefined) return;
    plan.push({ at: last.at + 1, of: last.of });
  }
}

function oneWay(
  objects: readonly Raw[],
  cluster: NaiveCluster,
  pod: NaivePod,
  direction: Direction,
  flow: NaiveFlow,
  choose: Choose,
): 'allow' | 'deny' {
  // "Host-networked pods are not selected"; the one that is asked about never is.
  const of = (kind: string, tier?: string) => objects.filter((o) => o.kind === kind && o.spec.tier === tier);
  const isAbout = ({ subject }: Raw) =>
    subject.namespaces !== undefined
      ? selects(subject.namespaces, namespaceLabels(cluster, pod.namespace))
      : selects(subject.pods.namespaceSelector, namespaceLabels(cluster, pod.namespace)) && selects(subject.pods.podSelector, pod.labels);
  const tier = (old: readonly Raw[], current: readonly Raw[]): string => {
    const chains = choose(old.length > 0 && current.length > 0 ? 2 : 1) === 0 ? [old, current] : [current, old];
    for (const chain of chains)
      for (const policy of shuffledTies(chain, choose))
        for (const rule of isAbout(policy.spec) ? (policy.spec[direction] ?? []) : []) {
          const action = adminRule(rule, cluster, pod, direction, flow, choose);
          if (action !== null) return action;
        }
    return 'None';
  };
  const admin = tier(of('AdminNetworkPolicy'), of('ClusterNetworkPolicy', 'Admin'));
  if (admin !== 'Pass' && admin !== 'None') return admin === 'Deny' ? 'deny' : 'allow';
  const isolating = of('NetworkPolicy').filter(
    (p) => p.metadata.namespace === pod.namespace && selects(p.spec.podSelector, pod.labels) && types(p).includes(direction),
  );
  if (isolating.length > 0)
    return isolating.some((p) => (p.spec[direction] ?? []).some((rule: Raw) => networkRule(rule, p, cluster, pod, direction, flow)))
      ? 'allow'
      : 'deny';
  return tier(of('BaselineAdminNetworkPolicy'), of('ClusterNetworkPolicy', 'Baseline')) === 'Deny' ? 'deny' : 'allow';
}

/** By priority; "the behaviour is undefined" where several have the same. */
function shuffledTies(policies: readonly Raw[], choose: Choose): readonly Raw[] {
  const left = [...policies].sort((a, b) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0));
  const ordered: Raw[] = [];
  while (left.length > 0) {
    const ties = left.filter((p) => p.spec.priority === left[0].spec.priority).length;
    ordered.push(...left.splice(choose(ties), 1));
  }
  return ordered;
}

/** policyTypes: "If this field is not specified, it will default based on the existence of ingress or egress rules". */
function types({ spec }: Raw): readonly Direction[] {
  if ((spec.policyTypes ?? []).length > 0) return spec.policyTypes.map((t: string) => t.toLowerCase());
  return (spec.egress ?? []).length > 0 ? ['ingress', 'egress'] : ['ingress'];
}

function networkRule(rule: Raw, policy: Raw, cluster: NaiveCluster, pod: NaivePod, direction: Direction, flow: NaiveFlow): boolean {
  const peers: readonly Raw[] = (direction === 'ingress' ? rule.from : rule.to) ?? [];
  const ports: readonly Raw[] = rule.ports ?? [];
  const address = direction === 'ingress' ? flow.source : flow.destination;
  const other = podAt(cluster, address);
  const isPeer = ({ ipBlock, podSelector, namespaceSelector }: Raw): boolean => {
    if (ipBlock != null) return within(ipBlock.cidr, address) && !(ipBlock.except ?? []).some((e: string) => within(e, address));
    if (other === undefined) return false;
    const isThere =
      namespaceSelector == null
        ? other.namespace === policy.metadata.namespace
        : selects(namespaceSelector, namespaceLabels(cluster, other.namespace));
    return isThere && selects(podSelector, other.labels);
  };
  const isPort = ({ protocol, port, endPort }: Raw): boolean => {
    if (flow.port === null || (protocol ?? 'TCP') !== flow.protocol) return false;
    if (port == null) return true;
    if (typeof port === 'string') return hasName(direction === 'ingress' ? pod : other, port, flow);
    return flow.port >= port && flow.port <= (endPort ?? port);
  };
  return (peers.length === 0 || peers.some(isPeer)) && (ports.length === 0 || ports.some(isPort));
}

/** The rule's action if it is about the flow; else null. */
function adminRule(rule: Raw, cluster: NaiveCluster, pod: NaivePod, direction: Direction, flow: NaiveFlow, choose: Choose): string | null {
  const address = direction === 'ingress' ? flow.source : flow.destination;
  const other = podAt(cluster, address);
  const isPeer = (peer: Raw): boolean => {
    if (peer.networks !== undefined) return peer.networks.some((n: string) => within(n, address));
    if (peer.nodes !== undefined) return cluster.nodes.some((n) => n.ip === address && selects(peer.nodes, n.labels));
    if (peer.domainNames !== undefined) return choose(2) === 0;
    if (other === undefined) return false;
    if (peer.namespaces !== undefined) return selects(peer.namespaces, namespaceLabels(cluster, other.namespace));
    return selects(peer.pods.namespaceSelector, namespaceLabels(cluster, other.namespace)) && selects(peer.pods.podSelector, other.labels);
  };
  const target = direction === 'ingress' ? pod : other;
  const inRange = ({ protocol, port, start, end }: Raw) =>
    flow.port !== null && protocol === flow.protocol && flow.port >= (start ?? port) && flow.port <= (end ?? port);
  const isPort = ({ portNumber, portRange, namedPort }: Raw): boolean => {
    if (namedPort !== undefined) return hasName(target, namedPort, flow);
    const item = portNumber ?? portRange;
    return inRange({ ...item, protocol: item.protocol ?? 'TCP' });
  };
  const isProtocol = (item: Raw): boolean => {
    if (item.destinationNamedPort !== undefined) return hasName(target, item.destinationNamedPort, flow);
    const [[name, body]] = Object.entries<Raw>(item) as [[string, Raw]];
    const { number, range } = body.destinationPort;
    return inRange({ protocol: name.toUpperCase(), port: number, start: range?.start, end: range?.end });
  };
  const peers: readonly Raw[] = direction === 'ingress' ? rule.from : rule.to;
  // Looked at all, so that each way is tried whatever came before.
  const found = peers.map(isPeer).includes(true);
  const fits = rule.protocols === undefined ? rule.ports === undefined || rule.ports.some(isPort) : rule.protocols.some(isProtocol);
  return found && fits ? rule.action : null;
}

const hasName = (pod: NaivePod | undefined, name: string, flow: NaiveFlow): boolean =>
  (pod?.ports ?? []).some((p) => p.name === name && p.containerPort === flow.port && p.protocol === flow.protocol);

const podAt = (cluster: NaiveCluster, address: string): NaivePod | undefined =>
  cluster.pods.find((p) => !p.hostNetwork && p.ip === address);

const namespaceLabels = (cluster: NaiveCluster, name: string): Labels => ({
  ...cluster.namespaces[name],
  'kubernetes.io/metadata.name': name,
});

export function selects(selector: Raw, labels: Labels): boolean {
  const pairs = Object.entries(selector?.matchLabels ?? {});
  if (pairs.some(([k, v]) => !Object.hasOwn(labels, k) || labels[k] !== v)) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values }: Raw) => {
    const has = Object.hasOwn(labels, key);
    if (operator === 'Exists') return has;
    if (operator === 'DoesNotExist') return !has;
    return operator === 'In' ? has && values.includes(labels[key]) : !has || !values.includes(labels[key]);
  });
}

const bits = (address: string): number[] =>
  address.split('.').flatMap((octet) => [...Number(octet).toString(2).padStart(8, '0')].map(Number));

function within(block: string, address: string): boolean {
  const [base = '', length] = block.split('/');
  if (base.includes(':')) return false;
  const [wanted, is] = [bits(base), bits(address)];
  return wanted.every((bit, i) => i >= Number(length) || bit === is[i]);
}
