import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from '../../source/origin.ts';
import { isMerge, isNode } from './yaml-data.ts';
import { keyOf } from './yaml-scalars.ts';

/** Finds the node at a path, through aliases and merged mappings; where the path leaves the document, the last node on it. */
export function nodeFinder(root: Node | null, targets: ReadonlyMap<Alias, Node>): (path: Path, key: boolean) => Node | null {
  const behind = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  const pairOf = pairFinder(behind);
  return (path, key) => {
    let node = root;
    for (const [i, step] of path.entries()) {
      const here = behind(node);
      if (isSeq(here)) {
        const item = here.items[Number(step)];
        if (!isNode(item)) return node;
        node = item;
      } else if (isMap(here)) {
        const pair = pairOf(here, String(step));
        if (pair === null) return node;
        const last = i === path.length - 1;
        if (isNode(pair.value) && !(last && key)) node = pair.value;
        else if (isNode(pair.key)) node = pair.key;
      } else return node;
    }
    return node;
  };
}

/** The pair of a name, in a mapping itself or in what it merges. Each mapping is looked through once, whatever is asked of it. */
function pairFinder(behind: (node: unknown) => unknown): (map: YAMLMap, name: string) => Pair | null {
  const known = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const ownOf = (map: YAMLMap) => {
    const own = known.get(map) ?? ownPairs(map, behind);
    known.set(map, own);
    return own;
  };
  const find = (map: YAMLMap, name: string): Pair | null => {
    const own = ownOf(map).get(name);
    if (own !== undefined) return own;
    for (const { value } of map.items.filter(isMerge))
      for (const source of isSeq(value) ? value.items : [value]) {
        const merged = behind(source);
        const found = isMap(merged) ? find(merged, name) : null;
        if (found !== null) return found;
      }
    return null;
  };
  return find;
}

function ownPairs(map: YAMLMap, behind: (node: unknown) => unknown): ReadonlyMap<string, Pair> {
  const own = new Map<string, Pair>();
  for (const pair of map.items) {
    const key = behind(pair.key);
    if (isMerge(pair) || !isScalar(key)) continue;
    const name = keyOf(key);
    if (!own.has(name)) own.set(name, pair);
  }
  return own;
}
