/**
 * Every code that a check of the files can give. Codes are stable, like reason codes; each has a section in docs/findings.md. Errors
 * mean that the input allows no answer; warnings and notes can be left out, by flags or by a comment in the file.
 */
export const FINDINGS = {
  // Syntax
  'not-text': { severity: 'error', title: 'The file is not a text.' },
  'file-too-large': { severity: 'error', title: 'The file is larger than a text can be.' },
  'wrong-form': { severity: 'error', title: 'Kubernetes objects are in a form that says too little, or that has to be rendered first.' },
  'empty-file': { severity: 'error', title: 'The file has nothing in it.' },
  'yaml-syntax': { severity: 'error', title: 'The file is not YAML.' },
  'json-syntax': { severity: 'error', title: 'The file is not JSON.' },
  'duplicate-key': { severity: 'error', title: 'A key is there twice.' },
  'bad-key': { severity: 'error', title: 'A key is no text that can be one.' },
  'bad-merge': { severity: 'error', title: 'A merge key has something else than mappings.' },
  'ambiguous-scalar': { severity: 'error', title: 'A value means different things in YAML 1.1 and 1.2.' },
  'line-too-long': { severity: 'error', title: 'A line is longer than the parser takes.' },
  'too-many-nodes': { severity: 'error', title: 'The document is larger than the parser takes.' },
  'too-deep': { severity: 'error', title: 'Lists and mappings are nested deeper than the parser takes.' },
  // Schema
  'no-kind': { severity: 'error', title: 'A document does not say what it is.' },
  'unknown-kind': { severity: 'error', title: 'A document is of a kind that nobody knows.' },
  'no-topology': { severity: 'error', title: 'There is no Topology among the files.' },
  'two-topologies': { severity: 'error', title: 'There is more than one Topology.' },
  'not-supported-yet': { severity: 'error', title: 'A field or document is known, but not read by this version.' },
  'unknown-field': { severity: 'error', title: 'There is no such field.' },
  'missing-field': { severity: 'error', title: 'A field that is needed is not there.' },
  'wrong-type': { severity: 'error', title: 'A value is of another type than its field.' },
  'bad-value': { severity: 'error', title: 'A value does not fit its field.' },
  // References
  'duplicate-name': { severity: 'error', title: 'Two things of one kind have the same name.' },
  'reserved-name': { severity: 'error', title: "A name is that of another machine's network namespace." },
  'duplicate-address': { severity: 'error', title: 'Two things have the same address.' },
  'address-outside': { severity: 'error', title: 'An address or range is outside the one that it belongs to.' },
  'ranges-overlap': { severity: 'error', title: 'Two ranges overlap.' },
  'ranges-overlap-on-paper': { severity: 'warning', title: 'Two ranges overlap, and no address of the input is in both.' },
  'wrong-ip-family': { severity: 'error', title: 'An address is of an IP family that the cluster, or the service, does not have.' },
  'missing-ip-family': { severity: 'error', title: 'A machine or service has no address of an IP family that it needs one of.' },
  'range-exhausted': { severity: 'error', title: 'A pod range has no free address left.' },
  'duplicate-device': { severity: 'error', title: 'A machine would have two devices of one name.' },
  'unknown-device': { severity: 'error', title: 'The machine has no such device.' },
  'not-a-port': { severity: 'error', title: 'Hairpin mode is stated for a device that is no bridge port.' },
  'unknown-node': { severity: 'error', title: 'There is no such node.' },
  'unknown-service': { severity: 'error', title: 'There is no such service.' },
  'unknown-port': { severity: 'error', title: 'The service has no such port.' },
  'unknown-volume': { severity: 'error', title: 'The pod has no such volume.' },
  'unknown-segment': { severity: 'error', title: 'There is no such segment.' },
  'not-a-vxlan': { severity: 'error', title: 'Something of a VXLAN device is stated where there is none.' },
  'unknown-entry': { severity: 'error', title: 'An entry is said to be lost that is not there.' },
  'unknown-route': { severity: 'error', title: 'A route is to be removed that is not there.' },
  'unknown-rule': { severity: 'error', title: 'A routing rule is to be removed that is not there.' },
  'bad-route': { severity: 'error', title: 'A route contradicts itself.' },
  'bad-next-hop': { severity: 'error', title: 'The kernel would refuse the next hop.' },
  'foreign-source': { severity: 'error', title: "A route's source is not an address of the machine." },
  'duplicate-port': { severity: 'error', title: 'A port of a node or pod is claimed twice.' },
  'bad-expectation': { severity: 'error', title: 'An expectation names nothing that can be traced.' },
  // Objects of a running cluster
  'two-clusters': { severity: 'error', title: 'The objects are of two clusters.' },
  'facts-disagree': { severity: 'note', title: 'Two objects, equally sure, say different things about the cluster.' },
  'nodes-differ': { severity: 'note', title: 'A node is set up otherwise than most.' },
  'address-twice': { severity: 'warning', title: 'Two pods that run have the same address.' },
  'cluster-ip-twice': { severity: 'warning', title: 'Two services have the same ClusterIP.' },
  'kind-inferred': {
    severity: 'note',
    title: 'An object does not say of which kind it is, and is read as one of the kind that it looks like.',
  },
  'pod-made-anew': { severity: 'note', title: 'A pod is there twice, with two uids: it was made anew in the meantime.' },
  'unreadable-fact': { severity: 'note', title: 'A text in an object says how the cluster is set up, and cannot be read.' },
  redacted: { severity: 'note', title: 'Addresses were made unreadable before the objects were handed on.' },
  'object-not-followed': { severity: 'warning', title: 'An object has something that no reader follows, and is left out.' },
  // Services
  'selector-matches-nothing': { severity: 'warning', title: 'A service selects no pod.' },
  'controller-label': { severity: 'note', title: 'A service selects by a label that a controller adds, and the pods do not state it.' },
  'target-port-unresolved': { severity: 'warning', title: 'A target port by name that selected pods do not have.' },
  'target-port-closed': { severity: 'warning', title: 'No process of an endpoint listens on the target port.' },
  'service-without-endpoints': { severity: 'warning', title: 'A service has neither a selector nor stated endpoints.' },
  'no-ready-endpoints': { severity: 'warning', title: 'A service has endpoints, and none of them is ready.' },
  'no-local-endpoints': { severity: 'note', title: 'A service with a traffic policy Local has nodes without an endpoint.' },
  'headless-target-port': { severity: 'note', title: 'A headless service has a target port, which nothing translates to.' },
  'affinity-per-port': { severity: 'note', title: 'A service keeps a client with one endpoint for each port, not for all.' },
  'load-balancer-pending': { severity: 'warning', title: 'A load balancer has no address.' },
  'source-ranges-not-asked': { severity: 'note', title: 'Source ranges are for a load balancer that nothing in the input asks for.' },
  'hints-without-effect': { severity: 'note', title: 'One ready endpoint without a hint voids those of all others.' },
  'node-port-not-stated': { severity: 'note', title: 'A NodePort service does not say which node port it has.' },
  'node-port-closed': { severity: 'note', title: 'The firewall at the edge lets nobody outside get to a node port.' },
  'external-address-shared': { severity: 'warning', title: 'Two services claim the same external address and port.' },
  'endpoint-without-pod': { severity: 'warning', title: 'A stated endpoint has an address of the pod range that nobody has.' },
  'endpoint-on-another-node': { severity: 'warning', title: "A stated endpoint's node is not its pod's." },
  'host-port-behind-node-port': { severity: 'warning', title: "A hostPort is also a service's node port, which comes first." },
  // Names
  'subdomain-without-service': { severity: 'warning', title: "A pod's subdomain is no service, so the pod has no name of its own." },
  'without-effect': { severity: 'warning', title: 'A service of type ExternalName has a selector, which selects nothing.' },
  'external-name-address': { severity: 'warning', title: 'An externalName is an address, which is taken for a name.' },
  'external-name-target-port': {
    severity: 'note',
    title: 'A service of type ExternalName has a target port, which nothing translates to.',
  },
  'no-cluster-dns': { severity: 'warning', title: "No service has the address of the cluster's DNS." },
  'ndots-capped': { severity: 'warning', title: 'ndots is larger than the resolver takes.' },
  // Ingress and Gateway API
  'no-class': { severity: 'warning', title: 'An Ingress has no class, and there is no default.' },
  'unknown-class': { severity: 'warning', title: 'The class of an Ingress or Gateway does not exist.' },
  'two-default-classes': { severity: 'warning', title: 'More than one IngressClass is the default.' },
  'duplicate-rule': { severity: 'warning', title: 'Two Ingress rules are for the same host and path.' },
  'unused-tls-host': { severity: 'warning', title: 'An Ingress has TLS for a host that no rule of it is for.' },
  'unknown-backend': { severity: 'warning', title: 'The service of a backend does not exist.' },
  'unknown-backend-port': { severity: 'warning', title: 'The service of a backend does not have the port.' },
  'unknown-address': { severity: 'warning', title: 'A controller is said to be reached at an address that leads nowhere near it.' },
  'no-parent': { severity: 'warning', title: 'An HTTPRoute hangs on no Gateway.' },
  'unknown-parent': { severity: 'warning', title: 'The Gateway of an HTTPRoute does not exist.' },
  'unknown-listener': { severity: 'warning', title: 'The Gateway of an HTTPRoute does not have the listener.' },
  'route-not-accepted': { severity: 'warning', title: 'No listener of its Gateway takes an HTTPRoute.' },
  'reference-not-permitted': {
    severity: 'warning',
    title: 'An HTTPRoute refers to a service of another namespace, which does not allow it.',
  },
  // Policies
  'cidr-not-canonical': { severity: 'warning', title: 'An address range of a policy is written otherwise than it is read.' },
  'unknown-peer': { severity: 'warning', title: 'A policy has peers of a kind that no version of its API has.' },
  'protocol-without-port': { severity: 'warning', title: 'A rule of a ClusterNetworkPolicy names a protocol, and nothing of it.' },
  // Nodes
  'kube-proxy-not-running': { severity: 'warning', title: 'kube-proxy does not run on a node with pods.' },
  'bridge-nf-off': { severity: 'warning', title: 'Services do not work between pods of one node.' },
  'sysctl-below-all': { severity: 'warning', title: 'A setting of a device has no effect, because `all` says more.' },
  'forwarding-off': { severity: 'warning', title: 'A node with pods does not forward.' },
  'hairpin-off': { severity: 'note', title: 'Pods cannot reach themselves through their own service.' },
  'pod-range-masqueraded': { severity: 'note', title: 'Pods of other nodes are masqueraded.' },
  'device-down': { severity: 'warning', title: 'A network device is down.' },
  'mtu-above-nic': { severity: 'warning', title: "The pods' MTU is larger than that of their node's NIC." },
  'mtu-above-link': { severity: 'warning', title: "The pods' MTU is larger than that of another machine on their node's link." },
  'mtu-above-port': { severity: 'warning', title: "A pod's MTU is larger than that of a port of its bridge." },
  // Routes
  'tunnel-end-unknown': { severity: 'warning', title: 'A tunnel leads to an address that no node has.' },
  'next-hop-unknown': { severity: 'warning', title: 'A route leads to a next hop that nobody on the link has.' },
  'pod-range-unreachable': { severity: 'warning', title: "No route leads to a node's pods." },
  'no-default-route': { severity: 'warning', title: 'There is an internet, and a node has no way to it.' },
  'duplicate-route': { severity: 'warning', title: 'A machine has the same route twice.' },
  'route-never-used': { severity: 'warning', title: 'A route is in a table that no rule asks.' },
  'rule-without-routes': { severity: 'warning', title: 'A routing rule asks a table without routes.' },
  // Addresses and firewalls
  'no-common-prefix': { severity: 'warning', title: 'Nodes on one switch are in different /24s, or /64s.' },
  'public-range': { severity: 'warning', title: 'The pod or service range has addresses of the public internet.' },
  'address-in-cluster-range': { severity: 'warning', title: 'An address lies in a range that is meant for something else.' },
  'firewall-rule-never-met': { severity: 'warning', title: 'A firewall rule has nothing left to decide.' },
  'firewall-rule-for-nat-address': {
    severity: 'warning',
    title: 'A firewall rule is for an address that the gateway has already translated.',
  },
  'firewall-without-a-place': { severity: 'warning', title: 'No machine asks the firewall of the underlay.' },
  // Comments
  'unused-ignore': { severity: 'note', title: 'An ignore comment has nothing to ignore.' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly title: string }>>;

export type Severity = 'error' | 'warning' | 'note';
export type FindingCode = keyof typeof FINDINGS;

type CodesOf<S extends Severity> = { [C in FindingCode]: (typeof FINDINGS)[C]['severity'] extends S ? C : never }[FindingCode];
export type ErrorCode = CodesOf<'error'>;
export type WarningCode = CodesOf<'warning'>;
/** Findings that hold whatever the traffic, and can be ignored. */
export type LintCode = CodesOf<'warning' | 'note'>;

/** Where a code is described. */
export const findingPage = (code: FindingCode): string => `docs/findings.md#${code}`;
