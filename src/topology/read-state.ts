import { type NodeState, readNodeState, type StateFile } from '../node-state/index.ts';

interface Read {
  readonly node: string;
  readonly files: readonly StateFile[];
  readonly state: NodeState;
}

const READ = new WeakMap<StateFile, Read[]>();

/** What files say of a node, read once: an edit of the input asks again, and a machine without objects is looked at before there is an input. */
export function stateOf(node: string, files: readonly StateFile[]): NodeState {
  const [first] = files;
  if (first === undefined) return readNodeState(node, files);
  const read = READ.get(first) ?? [];
  READ.set(first, read);
  const known = read.find((r) => r.node === node && r.files.length === files.length && r.files.every((f, i) => f === files[i]));
  if (known !== undefined) return known.state;
  const state = readNodeState(node, files);
  read.push({ node, files, state });
  return state;
}
