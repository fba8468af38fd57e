import { beforeAll, describe, it } from 'vitest';
import { openRabbitmqBus, type RabbitmqBus } from '../../events/rabbitmq.ts';
import { describeBus } from './bus.contract.ts';
import { missingForRabbitmq, type RabbitmqBroker, startRabbitmqBroker } from './rabbitmq-broker.ts';
import { describeRabbitmq } from './rabbitmq-specifics.ts';

const missing = missingForRabbitmq();

if (missing) {
  console.warn(`RABBITMQ PART NOT RUN: ${missing}. Debian's package rabbitmq-server brings it.`);
  describe.skip('the bus on RabbitMQ', () => {
    it('is run where rabbitmq-server is installed', () => {});
  });
} else {
  let broker: RabbitmqBroker;
  beforeAll(async () => {
    broker = await startRabbitmqBroker();
    return () => broker.stop();
  }, 120_000);

  describeBus(
    'RabbitMQ',
    async () => ({
      open: () => openRabbitmqBus({ url: broker.url, clientId: 'contract-suite' }),
      elsewhere: {
        module: new URL('../../events/rabbitmq.ts', import.meta.url).href,
        open: 'openRabbitmqBus',
        options: { url: broker.url, clientId: 'member-elsewhere' },
      },
      expire: async (bus, topic) => (bus as RabbitmqBus).trim(await bus.positions([topic], 'latest')),
      stopBroker: () => broker.kill(),
      startBroker: () => broker.restart(),
      openWithWrongPassword: () => openRabbitmqBus({ url: broker.wrongUrl }),
      stop: async () => undefined,
    }),
    { isServer: true },
  );

  describeRabbitmq(() => broker);
}
