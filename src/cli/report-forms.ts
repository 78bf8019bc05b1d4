import { type Failure, REPORT_FORMATS, reporting } from '../index.ts';
import type { Io } from './io.ts';
import { directoryOf } from './report-directory.ts';
import { VALIDATE_FORMATS } from './validate.ts';

/** Each format's own form of an error, for a command; null where it has none, as all of a command that writes no reports. */
export async function reportForms(command: string, message: string, io: Io): Promise<(format: string) => string | null> {
  const formats = command === 'check' ? REPORT_FORMATS : command === 'validate' ? VALIDATE_FORMATS : [];
  const { failureReporters } = await reporting();
  const failure: Failure = { message: message.replace(/^error: /, ''), hint: null, diagnostics: [] };
  const options = { version: io.version, directory: directoryOf(io) };
  return (name) => {
    const format = formats.find((f) => f === name);
    return format === undefined ? null : (failureReporters[format]?.(failure, options) ?? null);
  };
}
