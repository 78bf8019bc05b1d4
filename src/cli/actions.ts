import type {
  CheckFlags,
  CollectFlags,
  DiffFlags,
  DriftFlags,
  GlobalFlags,
  MatrixFlags,
  ShowFlags,
  SnapshotFlags,
  TraceFlags,
  ValidateFlags,
} from './flags.ts';
import type { LabActions } from './lab-program.ts';

/** The commands, once their words are parsed; each answers the exit status, and is loaded only when it runs. */
export interface Actions {
  trace(operands: readonly string[], flags: TraceFlags): Promise<number>;
  check(files: readonly string[], flags: CheckFlags): Promise<number>;
  validate(files: readonly string[], flags: ValidateFlags): Promise<number>;
  show(operands: readonly string[], flags: ShowFlags): Promise<number>;
  policy(names: readonly string[], flags: GlobalFlags): Promise<number>;
  matrix(operands: readonly string[], flags: MatrixFlags): Promise<number>;
  diff(inputs: readonly string[], flags: DiffFlags): Promise<number>;
  drift(names: readonly string[], flags: DriftFlags): Promise<number>;
  snapshot(flags: SnapshotFlags): Promise<number>;
  collect(flags: CollectFlags): Promise<number>;
  explain(code: string | undefined, flags: GlobalFlags): Promise<number>;
  schema(name: string, flags: GlobalFlags): Promise<number>;
  completion(shell: string, flags: GlobalFlags): Promise<number>;
  lab: LabActions;
}

/** What is done with the exit status of a command, once there is one. */
export type Finish = (status: Promise<number>) => Promise<void>;
