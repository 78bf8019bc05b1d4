export const MATRIX_FORMATS = ['table', 'json', 'yaml', 'csv', 'markdown', 'html'] as const;
