import type { Vxlan } from '../datapath/netns.ts';
import type { Hop } from '../hop/hop.ts';
import type { EncapHop } from '../hop/tunnel-hop.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { append, insert, remove } from '../source/edit.ts';
import { at, type Locus, type Origin, parentOf } from '../source/origin.ts';
import type { Wording } from '../source/sentence.ts';
import type { Context } from './context.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when a tunnel between nodes is at fault: its entries, its two ends, or what its packets meet. */

export const peerUnknown: Fixer<'TUNNEL_PEER_UNKNOWN'> = (scene) => {
  const { facts, origin } = scene;
  const { netns, device } = facts;
  const address = formatAddress(facts.address);
  const stated = declaredAt(origin);
  switch (facts.why) {
    case 'neighbour':
      if (stated !== null)
        return [
          edited(
            `give ${netns} its neighbour entry for ${address} on ${device} back: take the entry about it in neighbours away (${place(stated)}); on the node: restart the CNI plugin's daemon`,
            remove(stated),
          ),
        ];
      return [missingEntry(scene)];
    case 'fdb':
      if (stated !== null)
        return [
          edited(
            `give ${netns} its forwarding entry for ${facts.lladdr} on ${device} back: take the entry about it in fdb away (${place(stated)}); on the node: restart the CNI plugin's daemon`,
            remove(stated),
          ),
        ];
      return [missingEntry(scene)];
    case 'machine':
      return stated !== null
        ? [
            edited(
              `take the failed neighbour entry away (${place(stated)}); on the node: see that the other one is up and on the same link`,
              remove(stated),
            ),
          ]
        : statedEntries(scene, `: no machine on the link of ${netns} ${device} has ${address}`);
    case 'no-way':
      return [advised('choice', `give ${netns} a route to ${address}`)];
  }
};

/** Another machine's end has that address: then it is the entry that is missing, else what led to it is wrong. */
function missingEntry(scene: Scene<'TUNNEL_PEER_UNKNOWN'>): Fix {
  const { context, facts } = scene;
  const { netns, device } = facts;
  const address = formatAddress(facts.address);
  const other = otherEnd(context, netns, (end) =>
    facts.why === 'fdb' ? end.mac === facts.lladdr : end.addresses.some((a) => a.address === facts.address),
  );
  const again = `restart the CNI plugin's daemon on ${netns}, which writes the entry, or there:`;
  if (facts.why === 'fdb')
    return other === null
      ? advised('choice', `check the neighbour entry for ${address} on ${netns} ${device}: ${facts.lladdr} is no other end's MAC address`)
      : advised(
          'elsewhere',
          `${again} bridge fdb append ${facts.lladdr} dev ${device} dst ${formatAddress(other.end.local)} (that of ${other.name})`,
        );
  return other === null || other.end.mac === null
    ? advised('choice', `check the route that leads into ${device}: ${address} is no other end of the tunnel`)
    : advised(
        'elsewhere',
        `${again} ip neigh replace ${address} lladdr ${other.end.mac} dev ${device} nud permanent (that of ${other.name})`,
      );
}

function otherEnd(
  { cluster, datapath }: Context,
  netns: string,
  isIt: (end: Vxlan) => boolean,
): { readonly name: string; readonly end: Vxlan } | null {
  for (const name of cluster.nodes.keys()) {
    const devices = name === netns ? [] : [...(datapath.netns(name)?.devices.values() ?? [])];
    const end = devices.find((d): d is Vxlan => d.kind === 'vxlan' && isIt(d));
    if (end !== undefined) return { name, end };
  }
  return null;
}

export const mismatch: Fixer<'TUNNEL_MISMATCH'> = (scene) => {
  const { facts, context, hops } = scene;
  if (facts.why === 'number') {
    const sender = hops.findLast((h): h is EncapHop => h.kind === 'encap');
    const ends = [[facts.netns, facts.device] as const, [sender?.netns ?? '', sender?.device ?? ''] as const];
    const fixes = ends.flatMap(([netns, device]) => asTheOthers(context, netns, device));
    return fixes.length > 0
      ? fixes
      : [advised('choice', `give both ends of the tunnel one VNI and one UDP port (the CNI plugin's configuration)`)];
  }
  return statedEntries(scene, `: the packet comes to ${facts.netns}, which is not the end that is meant`);
};

/** Takes a VNI or a port away that a node states for itself. */
function asTheOthers({ datapath }: Context, netns: string, device: string): readonly Fix[] {
  const found = datapath.netns(netns)?.devices.get(device);
  if (found?.kind !== 'vxlan' || found.numbered === null) return [];
  const { locus, fields } = found.numbered;
  const stated = fields.join(' and ');
  return [
    edited(
      `give ${device} of ${netns} the VNI and the UDP port of the other nodes: take ${stated} away, which the node states for itself (${place(at(locus, fields[0]))})`,
      ...fields.map((f) => remove(at(locus, f))),
    ),
  ];
}

/** The entries that sent the packet to the other end, where the input states them; else where to look. */
function statedEntries(scene: Pick<Scene, 'hops'>, why: string): readonly Fix[] {
  const fixes = takenAway(scene, why);
  return fixes.length > 0 ? fixes : [advised('choice', `check the tunnel's entries on the sending node${why}`)];
}

/** The fix for an encapsulating packet that was lost: its destination may be stated wrong. */
export function elsewhere(scene: Scene): readonly Fix[] {
  const last = scene.hops.at(-1);
  return last === undefined || last.outer === null ? [] : takenAway(scene, ', if the other end is not there');
}

function takenAway({ hops }: Pick<Scene, 'hops'>, why: string): readonly Fix[] {
  const by = hops.findLast((h: Hop): h is EncapHop => h.kind === 'encap')?.by ?? null;
  if (by === null) return [];
  const { neighbour, fdb } = by;
  const [first, second] = [declaredAt(neighbour.origin), declaredAt(fdb.origin)];
  const { locus } = fdb.origin;
  const entry = (kind: string, at: Locus | null) =>
    at === null ? [] : [edited(`take the ${kind} entry away (${place(at)})${why}`, remove(at))];
  const isPublicIp = fdb.origin.evidence === 'declared' && locus !== null && locus.path.at(-1) === 'tunnel';
  const publicIp = isPublicIp ? [edited(`take publicIP of the tunnel away (${place(locus)})${why}`, remove(at(locus, 'publicIP')))] : [];
  return [...entry('neighbour', first), ...entry('forwarding', second), ...publicIp];
}

/** An entry that the input states, and not one that follows from something else there. */
const declaredAt = ({ evidence, locus }: Origin): Locus | null =>
  evidence === 'declared' && locus !== null && /(^|\.)(neighbours|fdb)\.\d+$/.test(locus.path.join('.')) ? locus : null;

/** The carrier's own rule, before the one that decided. */
export const filtered: Fixer<'TUNNEL_FILTERED'> = ({ facts, origin: { locus } }) => {
  const { carrier } = facts;
  const decision = facts.decision ?? facts.by.stated ?? null;
  const { source, destination, port } = carrier;
  const words: Wording = `let the tunnel pass: ${port === null ? 'IP protocol 4' : `UDP port ${port}`} between the nodes`;
  if (locus === null || decision === null || port === null) return [advised('elsewhere', words)];
  const rule = { action: 'allow', from: only(source), to: only(destination), ports: [`${port}/udp`] };
  const shown = `{ action: allow, from: ${rule.from}, to: ${rule.to}, ports: [${port}/udp] }`;
  if (decision.number === null)
    return [edited(`${words}: add ${shown} to the rules (${place(locus)})`, append(at(parentOf(locus), 'rules'), rule))];
  return [edited(`${words}: put ${shown} before the rule (${place(locus)})`, insert(parentOf(locus), decision.number - 1, rule))];
};

const only = (a: IpAddress) => formatPrefix(hostPrefix(a));
