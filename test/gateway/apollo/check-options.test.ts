import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createApolloGateway } from '../../../gateway/apollo/create-apollo-gateway.ts';
import { APOLLO_OPTIONS } from '../../../gateway/apollo/option-support.ts';
import { readTable, writeRows } from '../../docs/markdown-table.ts';

const refused = Object.entries(APOLLO_OPTIONS).filter(([, { support }]) => support === 'refused');

describe('options of ApolloGateway', () => {
  it.each(refused)('%s is refused at construction, with what to do', (option, { note }) => {
    const options = { supergraphSdl: 'x', [option]: { some: 'value' } };
    expect(() => createApolloGateway(options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: `createApolloGateway, option ${option}: ${note}` }),
    );
  });

  it.each([
    ['experimental_autoFragmentization', false],
    ['queryPlannerConfig', {}],
    ['telemetry', undefined],
  ])('%s may stay where it changes nothing', (option, value) => {
    expect(() => createApolloGateway({ supergraphSdl: 'x', [option]: value } as never)).not.toThrow();
  });

  it.each([
    [{ supergrahpSdl: 'x' }, 'supergrahpSdl'],
    [{ supergraphSdl: 'x', serviceList: [] }, 'supergraphSdl and serviceList'],
    [{ localServiceList: [] }, 'localServiceList'],
  ])('%j is refused', (options, setting) => {
    expect(() => createApolloGateway(options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', extensions: { setting } }),
    );
  });

  it('are the rows of docs/migrate-from-apollo-gateway.md', () => {
    const page = readFileSync(new URL('../../../docs/migrate-from-apollo-gateway.md', import.meta.url), 'utf8');
    const rows = Object.entries(APOLLO_OPTIONS).map(([name, { support, note }]) => [`\`${name}\``, support, note]);
    expect(writeRows(readTable(page, 'Option'))).toBe(writeRows(rows));
  });
});
