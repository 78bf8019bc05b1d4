import type { Cluster } from '../../k8s/cluster.ts';
import type { Cni } from '../../k8s/cni.ts';
import type { IpFamily } from '../../net/address.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { oneOrSeveral } from './families.ts';

/**
 * The default is the plugin's, and where it has none, keeps the pod ranges; anything else is declared. `lax`: objects of a running cluster
 * may say it twice.
 */
export function readMasquerade(
  here: Cursor,
  { cluster }: TopologyInput,
  families: readonly IpFamily[],
  { name, plugin, masquerades }: Cni,
  lax: boolean,
): Cluster['masquerade'] {
  const { masquerade } = cluster;
  if (masquerades.by === 'plugin') {
    const { off } = masquerades;
    if (masquerade !== undefined && !lax)
      here
        .at('masquerade')
        .error(
          'bad-value',
          `${name} masquerades by itself, and does not ask this field`,
          off === null ? 'leave it out' : `leave it out; ${inFlow({ plugin, ...off })} of cluster.cni turns it off`,
        );
    return null;
  }
  if (masquerade === 'none') return null;
  if (masquerade !== undefined) return { nonMasqueradeCidrs: masquerade.nonMasqueradeCIDRs, origin: declared(here.at('masquerade').locus) };
  if (masquerades.keeps !== null) return { nonMasqueradeCidrs: masquerades.keeps, origin: inferred(here.at('cni').locus) };
  const pods = oneOrSeveral(here, 'podCIDR', cluster.podCIDR, cluster.podCIDRs, families);
  return { nonMasqueradeCidrs: pods.map((p) => p.value), origin: inferred((pods[0]?.cursor ?? here).locus) };
}

/** As a flow mapping of YAML. */
const inFlow = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .map(([key, of]) => `${key}: ${inFlow(of)}`)
        .join(', ')} }`
    : String(value);
