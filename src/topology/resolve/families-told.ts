import type { IpFamily } from '../../net/address.ts';
import { type Diagnostic, sourcePath } from '../../source/diagnostic.ts';
import { together } from '../../source/families-told.ts';
import type { Path } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { serviceFamilies } from './families.ts';
import { familyOfRule } from './families-stated.ts';

/** What the parts of a topology say, each thing once. */
export function toldOf(
  stated: TopologyInput,
  parts: readonly { readonly family: IpFamily; readonly diagnostics: readonly Diagnostic[] }[],
): readonly Diagnostic[] {
  const families = parts.map((p) => p.family);
  return together(
    parts.map(({ family, diagnostics }) => ({
      family,
      told: diagnostics.map((diagnostic) => ({ diagnostic, families: familiesAt(stated, sourcePath(diagnostic), families) })),
    })),
  );
}

/** Those of the service, or of the firewall rule, that is there; what says none is of all. */
function familiesAt({ services, underlay, internet }: TopologyInput, path: Path, families: readonly IpFamily[]): readonly IpFamily[] {
  const [section, ...rest] = path;
  const index = Number(rest.find((step) => typeof step === 'number'));
  if (section === 'services') {
    const service = services[index];
    return service === undefined ? families : serviceFamilies(service, families);
  }
  if (rest[0] !== 'firewall') return families;
  const firewall = section === 'underlay' ? underlay?.firewall : internet?.firewall;
  const rule = (Array.isArray(firewall) ? firewall : firewall?.rules)?.[index];
  const family = rule === undefined ? null : familyOfRule(rule);
  return family === null ? families : [family];
}
