/** Code that few inputs need: YAML that is not simple, and tables of letters that are not narrow. It is loaded when it is met. */
export { default as Table } from 'cli-table3';
export * as yaml from 'yaml';
