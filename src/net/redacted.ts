/** `***HIDDEN***`, `REDACTED-IP`, `x.x.x.x`, with or without a prefix length: what stands where an address was. */
export const isRedacted = (value: string): boolean => /\*{3}|redacted|hidden|\bx\.x\.x\.x\b/i.test(value);
