import type { FoundState } from '../datapath/found-state.ts';
import { type Cell, keyOf, type Rows } from '../diff/compare.ts';
import { type Caused, causesOf } from '../diff/leave-out.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Flow } from './flows.ts';
import { networkWith } from './networks.ts';
import { type Part, sysctlParts } from './parts.ts';
import { cellOf, rowsOf } from './rows.ts';

/** So many networks are put together at most, and of so many flows a cause is looked for. */
const MOST_VARIANTS = 300;
const MOST_FLOWS = 3000;

/** A flow of which a cause was looked for, and the parts without which it would end as it should. */
export interface Traced {
  readonly flow: Flow;
  readonly parts: readonly Part[];
}

interface Sides {
  readonly has: Network;
  readonly should: Network;
  readonly shouldRows: Rows;
}

/** Which part of what was found makes each of these flows end otherwise? One is put back after the other, and the flow asked again. */
export function partsOfFlows(flows: readonly Flow[], parts: readonly Part[], { has, should, shouldRows }: Sides): readonly Traced[] {
  const some = flows.slice(0, MOST_FLOWS);
  const byCell = new Map(some.map((flow) => [nameOf(cellOf(flow)), flow]));
  const flowsIn = (cells: readonly Cell[]) => cells.flatMap((cell) => byCell.get(nameOf(cell)) ?? []);
  const search = {
    without: (left: readonly Part[], cells: readonly Cell[]) => rowsOf(withBack(has, left), flowsIn(cells), shouldRows),
    before: shouldRows,
    touches: () => true,
    budget: { left: MOST_VARIANTS },
  };
  const found = causesOf(search, parts, some.map(cellOf));
  const named = ({ cell, causes }: Caused<Part, Cell>, known: readonly Part[]): readonly Traced[] =>
    flowsIn([cell]).map((flow) => ({ flow, parts: [...known, ...causes] }));
  // Of a thousand settings it is one.
  const isOfSettings = ({ what }: Part) => what.kind === 'sysctls';
  const [settings, others] = [found.filter((c) => c.causes.some(isOfSettings)), found.filter((c) => !c.causes.some(isOfSettings))];
  const single = settingsOf(
    has,
    should,
    settings.flatMap((c) => c.causes.filter(isOfSettings)),
  );
  return [
    ...others.flatMap((c) => named(c, [])),
    ...settings.flatMap((c) => {
      const [refined] = causesOf(search, single, [c.cell]);
      return refined === undefined || refined.causes.length === 0
        ? named(c, [])
        : named(
            refined,
            c.causes.filter((p) => !isOfSettings(p)),
          );
    }),
  ];
}

function settingsOf(has: Network, should: Network, parts: readonly Part[]): readonly Part[] {
  return [...new Set(parts.map((p) => p.node))].flatMap((name) => {
    const [found, compiled] = [has.cluster.nodes.get(name)?.found ?? null, should.datapath.netns(name)];
    return found === null || compiled === undefined ? [] : sysctlParts(name, found, compiled);
  });
}

const nameOf = ({ ends, ports }: Cell): string => `${keyOf(ends)} ${ports?.first ?? ''}`;

/** The network with some parts as compiled. */
function withBack(has: Network, parts: readonly Part[]): Network {
  return networkWith(has, ({ name, found }) =>
    found === null ? null : parts.filter((p) => p.node === name).reduce((state: FoundState, p) => p.putBack(state), found),
  );
}
