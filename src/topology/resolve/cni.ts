import { configureCni } from '../../cni/index.ts';
import type { Cni, PlannedNode, Setting } from '../../k8s/cni.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { ClusterInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** The plugin with its configuration: a mapping, a plugin's name alone, or left out. */
export function readCni(here: Cursor, input: ClusterInput['cni'], nodes: readonly PlannedNode[], setting: Setting): Cni {
  const cni = configureCni(input, typeof input === 'object' ? declared(here.locus) : inferred(here.locus), setting);
  for (const { name, namedBy } of nodes[0] === undefined ? [] : cni.devices(nodes[0], []))
    if (namedBy !== null && (name === 'lo' || name === 'eth0'))
      here.at(namedBy).error('duplicate-device', `every node has a device ${name} already`);
  return cni;
}
