import type { IpFamily } from '../net/address.ts';
import type { Part } from './sides.ts';
import { type Leaf, type Stands, type Table, type Tabling, tableOf } from './tables.ts';

/** By family, and the sorts of the two ends. */
export type Tables = Readonly<Record<IpFamily, (Tableau | undefined)[][]>>;

/** Before anything was asked. */
export const noTables = (): Tables => ({ IPv4: [], IPv6: [] });

/** What is asked between ends of two sorts, on one node and on two; null: no two are so. */
interface Tableau {
  readonly one: Table | null;
  readonly two: Table | null;
  /** Do policies at either end matter to any? */
  readonly egress: boolean;
  readonly ingress: boolean;
  /** As policies at the called end see the caller; undefined: not alike. */
  readonly fromWorld: boolean | null | undefined;
  /** By what policies say at the two ends: what is then said of all pairs alike; null: nothing is; `several` things are. */
  readonly only: (Leaf | null | 'several' | undefined)[][];
}

interface Drawing extends Tabling {
  readonly stands: Stands;
  readonly tables: Tables;
}

/** That between two sorts of ends: it is made when it is first asked for. */
export function tableauOf(engine: Drawing, from: Part, to: Part, family: IpFamily): Tableau {
  const all = engine.tables[family];
  let known = all[from.path];
  if (known === undefined) {
    known = [];
    all[from.path] = known;
  }
  let tableau = known[to.path];
  if (tableau === undefined) {
    const areOutside = from.first.kind === 'outside' && to.first.kind === 'outside';
    const [one, two] = [true, false].map((onOneNode) => {
      const pair = areOutside ? null : engine.stands.pair(from.path, to.path, onOneNode);
      return pair === null ? null : tableOf(engine, pair[0], pair[1], family);
    });
    tableau = tableauWith(one ?? null, two ?? null);
    known[to.path] = tableau;
  }
  return tableau;
}

function tableauWith(one: Table | null, two: Table | null): Tableau {
  const asking = [one, two].filter((t) => t !== null);
  const worlds = new Set(asking.flatMap((t) => (t.ingress ? [t.fromWorld] : [])));
  const [fromWorld] = worlds;
  return {
    one,
    two,
    egress: asking.some((t) => t.egress),
    ingress: asking.some((t) => t.ingress),
    fromWorld: worlds.size > 1 ? undefined : fromWorld,
    only: [],
  };
}
