/** The result of reading a person's words: a value, or why there is none and what to write instead. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

/** A text that cannot be read: why, and what to write instead; null: there is no hint. */
export const fail = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

/** A port's number or name; undefined: neither. */
export function readPort(text: string): number | string | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined;
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) ? text : undefined;
}

/** The error of a port that is neither a number nor a name. */
export const badPort = (text: string) => fail(`${text}: after the colon comes a port, by number (1 to 65535) or by name`);
