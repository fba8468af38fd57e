import { expect, it } from 'vitest';
import { createGateway } from '../../../gateway/create-gateway.ts';
import type { SupergraphSource } from '../../../gateway/supergraph/sources/source.ts';
import { until } from '../../support/until.ts';
import { graphOfVersion } from './versions.ts';

const [first, second] = [graphOfVersion(1), graphOfVersion(2)];

it('a schema that was refused shows in /health/ready and in the metrics, until one is taken', async () => {
  let change: (supergraphSdl: string) => void = () => {};
  const source: SupergraphSource = {
    async start(onChange) {
      change = onChange;
      return first.supergraphSdl;
    },
    close: () => {},
  };
  const gateway = await createGateway({
    supergraph: source,
    transport: first.transport,
    insight: { prometheus: { path: '/metrics' } },
  });
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  const health = async () => {
    const response = await fetch(`${url}/health/ready`);
    return [response.status, await response.json()];
  };
  const metric = async () =>
    /^tributary_schema_refused.* (\d)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];

  expect(await health()).toEqual([200, { status: 'ready', schema: { generation: 1, refused: null } }]);
  expect(await metric()).toBe('0');
  change('type Query { secret: Int }');
  await until('it is refused', () => gateway.schemaStatus().failures === 1);
  expect(await health()).toEqual([200, { status: 'ready', schema: { generation: 1, refused: 'SUPERGRAPH_INVALID' } }]);
  expect(await metric()).toBe('1');
  change(second.supergraphSdl);
  await until('the next one is taken', () => gateway.schemaStatus().generation === 2);
  expect(await health()).toEqual([200, { status: 'ready', schema: { generation: 2, refused: null } }]);
  expect(await metric()).toBe('0');
  await gateway.close(0);
});
