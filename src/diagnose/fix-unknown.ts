import { doesRun, type Pod } from '../k8s/pod.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { podsOf } from '../query/found.ts';
import { looks } from './beside-nodes.ts';
import type { Context } from './context.ts';
import { namesLike } from './fix-names.ts';
import { advised, type Fix, shownBy } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** Where to look when an end is not there, or when a fact of the cluster is not. */

export const podAbsent: Fixer<'POD_NOT_RUNNING'> = ({ context: { cluster, question }, facts }) => {
  const { source, destination } = question;
  const ends = [cluster.pods.get(`${source.namespace}/${source.name}`), ...podsOf(destination)];
  const pod = ends.find((p) => p !== undefined && !doesRun(p) && p.name === facts.pod);
  if (pod === undefined) return [];
  const siblings = siblingsOf(cluster.pods, pod);
  const named =
    siblings.length === 0 ? [] : [advised('choice', `or name a pod of the same owner that runs: ${siblings.slice(0, 4).join(', ')}`)];
  const see = `see why it does not run (${place(pod.locus)}): kubectl -n ${pod.namespace} describe pod ${pod.name}`;
  return [advised('hint', see), ...named];
};

/** A node is down where the question supposes so: nothing in the input is to be mended. */
export const nodeDown = (node: string): Fix => advised('elsewhere', `bring ${node} up again: the question is what is if it is down`);

const siblingsOf = (pods: ReadonlyMap<string, Pod>, { namespace, owner }: Pod): readonly string[] =>
  owner === null
    ? []
    : [...pods.values()].flatMap((p) =>
        doesRun(p) && p.namespace === namespace && p.owner?.kind === owner.kind && p.owner.name === owner.name ? [p.name] : [],
      );

const statedBeside: readonly Fix[] = [
  advised(
    'value',
    'or state that network in a Topology beside the objects: a segment and a router to it (underlay.segments, underlay.routers)',
  ),
];

const slips = (context: Context): readonly Fix[] => {
  const { resolution } = context.question;
  return resolution === null ? [] : namesLike(context, resolution, 'if that is meant');
};

/** A neighbour that was not heard lately is in no list: what is asked answers. */
const seenPort = (netns: string, address: IpAddress): readonly Fix[] => [
  advised(
    'hint',
    `have ${formatAddress(address)} heard on ${netns}, and give what it then has with --node-state: ping -c1 ${formatAddress(address)}; ip neigh; bridge fdb show`,
  ),
];

/** The commands that show the missing fact; null: it is a fact of another kind. */
export function commandsFor({ context, facts, hops, path }: Scene<'FACT_MISSING'>): readonly Fix[] | null {
  if (!('why' in facts)) return null;
  switch (facts.why) {
    case 'guess': {
      const { node } = hops.findLast((h) => h.role === 'node' || h.role === 'pod') ?? path.forward.netns;
      return facts.guesses.map(({ command }) => shownBy(`look on ${node}`, command));
    }
    case 'not-followed':
      return [advised('value', `state ${facts.object} in a Topology beside the objects, without what is not followed`)];
    case 'unlisted':
      return [
        shownBy('ask', facts.command),
        advised('value', 'or state it in a Topology beside the objects, as ingressClasses: [ { name: nginx, service: NAMESPACE/NAME } ]'),
      ];
    case 'services':
      return [shownBy('ask', facts.command), ...slips(context)];
    case 'endpoints':
    case 'load-balancer-name':
    case 'pod-place':
      return [shownBy('ask', facts.command)];
    case 'unknown-match':
    case 'unknown-target':
      return facts.lacks === null
        ? null
        : facts.lacks.look === true
          ? [shownBy(`look on ${facts.netns}`, facts.lacks.command)]
          : [shownBy(`give what ${facts.netns} has of it with --node-state`, facts.lacks.command)];
    case 'untold':
      return [shownBy(`give all of what ${facts.netns} has with --node-state`, facts.command)];
    case 'unknown-way':
      return facts.command === null ? null : [shownBy(`give what ${facts.netns} has of it with --node-state`, facts.command)];
    case 'device':
      if (facts.isBack) return [shownBy(`look on ${facts.netns} for hairpin`, 'bridge -d link show')];
      return facts.type === 'bridge'
        ? seenPort(facts.netns, facts.destination)
        : [shownBy(`look on ${facts.netns} where it leads`, `ip -d link show ${facts.device}`)];
    case 'some-isolated':
      return [shownBy(`give what ${facts.netns} has of it with --node-state`, 'ip neigh; bridge fdb show')];
    case 'cluster-ip-twice':
      return [shownBy('ask which of them is there', `kubectl get services -A --field-selector spec.clusterIP=${facts.address}`)];
    case 'chain-order':
      return [shownBy(`look on ${facts.netns}, which prints them as they run`, 'nft list hooks')];
    case 'stand-in':
      return facts.isBesideState
        ? [shownBy('give the nodes, too, with -f', 'kubectl get nodes -o yaml')]
        : [shownBy('ask', 'kubectl get nodes,services -A -o wide')];
    case 'beside-nodes':
      return [shownBy(`look on ${facts.node}`, looks(facts.address)), ...statedBeside];
    case 'by-gateway':
      return [
        advised('hint', 'say which plugin makes the routes between nodes: --cni flannel, calico, bridge, …'),
        advised(
          'hint',
          `or look where it should lead: ip route get ${formatAddress(facts.address)}, on ${facts.node} and on its default gateway`,
        ),
      ];
    case 'link-local':
      return [shownBy(`look on ${facts.node}`, looks(facts.address))];
    case 'policy':
      return facts.command === null ? [] : [shownBy('ask', facts.command)];
    case 'foreign-policy':
      return facts.policies.map((policy) => advised('hint', `see whether it lets this pass: ${policy}`));
    case 'address-twice': {
      const machine = facts.pods.find((p) => !p.includes('/'));
      if (machine !== undefined)
        return [
          shownBy(`look on ${machine} whose address it is, and take it away where it is wrong`, `ip address show to ${facts.address}`),
        ];
      const namespaces = new Set(facts.pods.map((p) => p.slice(0, p.indexOf('/'))));
      const [only = ''] = namespaces;
      const where = namespaces.size === 1 ? `-n ${only}` : '-A';
      return [shownBy('ask which of them still runs', `kubectl get pods ${where} -o wide --field-selector status.podIP=${facts.address}`)];
    }
    default:
      return null;
  }
}
