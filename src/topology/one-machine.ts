import type { FoundState } from '../datapath/found-state.ts';
import { standInName, type Unrouted } from '../datapath/unrouted.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { FAMILIES, familyOf, formatAddress, isLinkLocal, isLoopback } from '../net/address.ts';
import { isHostPrefix } from '../net/prefix.ts';
import { place, type StateFile, withWaysUnknown } from '../node-state/index.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Path, WrittenAt } from '../source/origin.ts';
import { behind, podOf, routesOf, type Told, together, wayOut } from './behind-machine.ts';
import { FlagError, type NodeFiles } from './load-options.ts';
import { stateOf } from './read-state.ts';
import { stateFiles } from './state-files.ts';
import { parseJson } from './syntax/json.ts';

/** What stands for a cluster where nothing is known but the state of one machine, and what was taken for granted with it. */
export interface OneMachine {
  readonly name: string;
  readonly document: ReturnType<typeof parseJson>['documents'][number];
  /** The cluster that the document says, with what a document cannot say: nobody knows who else there is. */
  readonly alone: (cluster: Cluster) => Cluster;
}

/** The file of what is taken for granted. */
const ASSUMED = '(assumed)';

/** A cluster of one node, without services: they are in its rules. Its pods are the addresses that it has a way to. */
export function oneMachine(given: readonly NodeFiles[]): OneMachine {
  const unreadable: Diagnostic[] = [];
  const { name, files } = theMachine(given, unreadable);
  const { state, isTold, faults } = stateOf(name, files);
  if (state === null || !isTold) {
    const [archive] = unreadable.filter(({ code }) => code === 'node-state-unusable');
    if (archive !== undefined && faults.length === 0) throw new FlagError(`--node-state ${archive.file}: ${archive.message}`, archive.hint);
    const [fault] = faults;
    throw new FlagError(
      fault === undefined ? 'no file of --node-state has the output of a command that is read' : `--node-state: ${fault.message}`,
      fault?.hint ?? 'k8s-trace collect --print says what to collect',
    );
  }
  const own = ownAddresses(state);
  const { unrouted } = withWaysUnknown(state);
  const first = (family: 'IPv4' | 'IPv6') => own.find((a) => familyOf(a.address) === family);
  const addresses = [first('IPv4'), first('IPv6')].flatMap((a) => a ?? []);
  const ips = addresses.map((a) => formatAddress(a.address));
  const pods = together(state, behind(state, own));
  const data = {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { cni: 'generic', kubeProxy: 'none' },
    nodes: [
      {
        name,
        ...(unrouted === undefined
          ? {}
          : {
              routes: {
                add: [
                  { to: '0.0.0.0/0', dev: 'eth0' },
                  { to: '::/0', dev: 'eth0' },
                ],
              },
            }),
        ...(ips.length > 1 ? { ips } : { ip: ips[0] ?? NO_ADDRESS }),
      },
    ],
    pods: pods.map((all) => podOf(name, state, all, addresses)),
  };
  const document = citing(JSON.stringify(data, null, 1), { nodes: addresses.slice(0, 1), pods: pods.map(([first]) => first) });
  const assumed = [...withoutAddress(name, ips), ...withoutRoutes(name, unrouted)];
  return { name, document, alone: (cluster) => alone(cluster, assumed) };
}

/** A document whose items are cited by the lines of the state that they were made of. */
function citing(text: string, items: Readonly<Record<string, readonly Told[]>>): OneMachine['document'] {
  const [document] = parseJson(ASSUMED, text).documents;
  if (document === undefined) throw new Error('a document was made');
  const { source } = document;
  const written = (path: Path): WrittenAt => {
    const [list, index, field] = path;
    // The route that stands for unknown ones is of no line.
    const isTold = list !== 'nodes' || field !== 'routes';
    const item = isTold && typeof list === 'string' && typeof index === 'number' ? items[list]?.[index] : undefined;
    return item?.origin.locus ?? { document: source, path };
  };
  const cited = { ...source, written };
  return { ...document, ...cited, source: cited };
}

/** Of the range for documentation (RFC 5737). */
const NO_ADDRESS = '192.0.2.1';

const withoutAddress = (name: string, ips: readonly string[]): readonly string[] =>
  ips.length > 0 ? [] : [`no address of ${name} is given: ${NO_ADDRESS} stands in for it`];

function withoutRoutes(name: string, unrouted: Unrouted | undefined): readonly string[] {
  if (unrouted === undefined) return [];
  const called = standInName(unrouted);
  const by =
    unrouted.devices === null
      ? 'all packets are taken to come and go by one device'
      : 'by which of its devices packets come and go is not known';
  return [
    `no route of ${name} is given: ${called === null ? `all packets are taken to come and go by ${unrouted.devices?.[0]}` : `${by}, called ${called} here; rules that ask for a device are tried both ways`}`,
  ];
}

function theMachine(
  given: readonly NodeFiles[],
  unreadable: Diagnostic[],
): { readonly name: string; readonly files: readonly StateFile[] } {
  const machines = new Map<string, StateFile[]>();
  const faulty: StateFile[] = [];
  const add = (name: string, files: readonly StateFile[]) => machines.set(name, [...(machines.get(name) ?? []), ...files]);
  for (const files of given) {
    const placed = place({ node: files.node, files: stateFiles(files, unreadable) }, new Map());
    for (const [name, of] of [...placed.byNode, ...placed.strangers]) {
      const { state, faults } = stateOf(name, of);
      if (state !== null) add(name, of);
      else if (faults.length > 0) faulty.push(...of);
    }
    if (placed.homeless.length > 0) add('', placed.homeless);
  }
  const named = [...machines.keys()].filter((name) => name !== '');
  if (named.length > 1)
    throw new FlagError(
      `there is state of ${named.length} nodes (${named.slice(0, 5).join(', ')}), and nothing says how they are connected`,
      'name their objects with -f, or one of them: --node-state NODE=PATH',
    );
  // Where nothing else is there, what is wrong with them is the answer.
  return { name: plain(named[0] ?? ''), files: machines.size === 0 ? faulty : [...machines.values()].flat() };
}

/** As a node may be called. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'node';

/** Those of the device that packets leave by come first. */
function ownAddresses(state: FoundState): readonly Told[] {
  const listed = [...(state.addresses.IPv4 ?? []), ...(state.addresses.IPv6 ?? [])];
  const routes = routesOf(state);
  const local = routes
    .filter((r) => r.type === 'local' && isHostPrefix(r.prefix))
    .map((r) => ({ address: r.prefix.address, device: r.nextHops[0]?.device ?? '', origin: r.origin }));
  const sources = routes.flatMap((r) =>
    r.source === null ? [] : [{ address: r.source, device: r.nextHops[0]?.device ?? '', origin: r.origin }],
  );
  const way = wayOut(state);
  const all = [...listed, ...local, ...sources].filter(({ address }) => !isLoopback(address) && !isLinkLocal(address));
  return [...all.filter((a) => a.device === way), ...all.filter((a) => a.device !== way)];
}

/** No plugin is guessed at, because all that it did was found; beyond the machine's devices anybody may be, and of either family. */
function alone(cluster: Cluster, assumed: readonly string[]): Cluster {
  const segments = new Map([...cluster.underlay.segments.values()].map((s) => [NETWORK, { ...s, unknown: true } as const]));
  const families = [...cluster.families, ...FAMILIES.filter((f) => !cluster.families.includes(f))];
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, segment: NETWORK }]));
  return {
    ...cluster,
    families,
    nodes,
    oneMachine: { assumed },
    cni: { ...cluster.cni, guess: null },
    underlay: { ...cluster.underlay, segments },
  };
}

/** What the NIC is on, in the words of an answer. */
const NETWORK = 'its network';
