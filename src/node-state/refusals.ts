import type { StateFault } from './text.ts';

/** Where state was collected without root, many commands are refused for the same reason: one fault names them all. */
export function withRefusalsAsOne(faults: readonly StateFault[]): readonly StateFault[] {
  const refused = faults.filter(({ asRoot }) => asRoot !== undefined);
  const [first] = refused;
  if (first === undefined || refused.length === 1) return faults;
  const commands = [...new Set(refused.flatMap(({ asRoot }) => asRoot ?? []))].join(', ');
  const one: StateFault = {
    locus: first.locus,
    message: `it was not collected as root, so that these were refused: ${commands}`,
    hint: 'collect it as root: sudo sh collect.sh node-state',
  };
  return faults.flatMap((fault) => (fault === first ? [one] : refused.includes(fault) ? [] : [fault]));
}
