import type { FamilyDocument, TraceDocument } from '../document/trace-schema.ts';

/** The connection that is shown in full: the one that the reason is of, else the first that is tried; null: there is only one. */
export const shownFamily = ({ families = [], reason }: TraceDocument): FamilyDocument | null =>
  families.find((f) => f.family === reason?.family) ?? families[0] ?? null;

/** One connection of a trace as if it were the only one. */
export const ofFamily = (
  { families: _, ...trace }: TraceDocument,
  { family: __, source, destination, ...result }: FamilyDocument,
): TraceDocument => ({
  ...trace,
  ...result,
  source: { ...trace.source, ip: source },
  destination: { ...trace.destination, ip: destination },
});

/** The connection that is shown in full, with all that was taken for granted for any of them. */
export function shownTrace(trace: TraceDocument): TraceDocument {
  const shown = shownFamily(trace);
  return shown === null ? trace : { ...ofFamily(trace, shown), assumptions: trace.assumptions };
}
