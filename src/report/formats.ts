/** Names only: the completion of a command line needs no reporter. */
export const REPORT_FORMATS = ['text', 'json', 'junit', 'sarif', 'github', 'gitlab', 'tap', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const DIFF_FORMATS = ['text', 'json', 'markdown', 'github', 'html'] as const;
export type DiffFormat = (typeof DIFF_FORMATS)[number];
