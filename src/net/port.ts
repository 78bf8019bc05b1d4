/** Ports of TCP, UDP and SCTP have 16 bits. */
export const LAST_PORT = 65535;

/** `80`; null: the text is not a port's number. */
export const parsePort = (text: string): number | null => (/^\d{1,5}$/.test(text) && Number(text) <= LAST_PORT ? Number(text) : null);
