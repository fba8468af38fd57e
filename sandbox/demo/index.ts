export { type DemoOptions, generateDemo } from './generate-demo.ts';
export type { DemoAccount, DemoAddress, DemoContact, DemoData } from './types.ts';
