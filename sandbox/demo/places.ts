import type { Random } from './random.ts';
import type { DemoAddress } from './types.ts';

/** A country of the demo: how people there live, write and telephone. */
export interface Country {
  readonly code: string;
  readonly weight: number;
  readonly currency: 'USD' | 'EUR' | 'GBP';
  readonly locale: string;
  /** Legal forms of companies. */
  readonly forms: readonly string[];
  readonly streets: readonly string[];
  readonly towns: readonly (readonly [city: string, region: string | null, timeZone: string])[];
  readonly street: (name: string, number: number) => string;
  readonly postalCode: (random: Random) => string;
  /** A number of the range the country's regulator keeps for drama, so that it rings nowhere. */
  readonly phone: (random: Random) => string;
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.between(0, 9)).join('');
}

const LETTERS = 'ABDEFGHJLNPRSTUWXY';

const UNITED_STATES: Country = {
  code: 'US',
  weight: 45,
  currency: 'USD',
  locale: 'en-US',
  forms: ['Inc.', 'LLC', 'Corp.'],
  streets: [
    'Maple Avenue',
    'Second Street',
    'Foundry Road',
    'Harbor Drive',
    'Orchard Lane',
    'Union Street',
    'Depot Street',
  ],
  towns: [
    ['Boston', 'MA', 'America/New_York'],
    ['Columbus', 'OH', 'America/New_York'],
    ['Minneapolis', 'MN', 'America/Chicago'],
    ['Austin', 'TX', 'America/Chicago'],
    ['Denver', 'CO', 'America/Denver'],
    ['Portland', 'OR', 'America/Los_Angeles'],
    ['Sacramento', 'CA', 'America/Los_Angeles'],
  ],
  street: (name, number) => `${number} ${name}`,
  postalCode: (random) => String(random.between(10_001, 99_950)).padStart(5, '0'),
  phone: (random) => `+1 ${random.pick(['617', '614', '612', '512', '303', '503', '916'])} 555 01${digits(random, 2)}`,
};

const UNITED_KINGDOM: Country = {
  code: 'GB',
  weight: 20,
  currency: 'GBP',
  locale: 'en-GB',
  forms: ['Ltd', 'PLC', 'LLP'],
  streets: ['Mill Lane', 'Station Road', 'Weavers Row', 'Quayside', 'Canal Street', 'Chapel Hill'],
  towns: ['London', 'Leeds', 'Bristol', 'Glasgow', 'Cardiff', 'Norwich', 'Sheffield'].map(
    (city) => [city, null, 'Europe/London'] as const,
  ),
  street: (name, number) => `${number} ${name}`,
  postalCode: (random) =>
    `${random.pick(['LS', 'BS', 'NR', 'CF', 'SW'])}${random.between(1, 20)} ${random.between(1, 9)}${random.pick([...LETTERS])}${random.pick([...LETTERS])}`,
  phone: (random) => `+44 20 7946 0${digits(random, 3)}`,
};

const GERMANY: Country = {
  code: 'DE',
  weight: 20,
  currency: 'EUR',
  locale: 'de-DE',
  forms: ['GmbH', 'AG', 'KG'],
  streets: ['Lindenstraße', 'Mühlenweg', 'Hafenstraße', 'Gartenweg', 'Schulstraße', 'Am Markt'],
  towns: ['Berlin', 'Hamburg', 'Leipzig', 'Köln', 'Stuttgart', 'Nürnberg'].map(
    (city) => [city, null, 'Europe/Berlin'] as const,
  ),
  street: (name, number) => `${name} ${number}`,
  postalCode: (random) => String(random.between(1_067, 99_998)).padStart(5, '0'),
  phone: (random) => `+49 30 23125 ${digits(random, 3)}`,
};

const FRANCE: Country = {
  code: 'FR',
  weight: 15,
  currency: 'EUR',
  locale: 'fr-FR',
  forms: ['SARL', 'SAS', 'SA'],
  streets: ['rue des Tanneurs', 'rue du Moulin', 'avenue de la Gare', 'quai du Port', 'place du Marché'],
  towns: ['Lyon', 'Nantes', 'Lille', 'Bordeaux', 'Rennes', 'Dijon'].map(
    (city) => [city, null, 'Europe/Paris'] as const,
  ),
  street: (name, number) => `${number} ${name}`,
  postalCode: (random) => String(random.between(1_000, 95_880)).padStart(5, '0'),
  phone: (random) => `+33 1 99 00 ${digits(random, 2)} ${digits(random, 2)}`,
};

const COUNTRIES = [UNITED_STATES, UNITED_KINGDOM, GERMANY, FRANCE];

/** A country by its weight. */
export function pickCountry(random: Random): Country {
  return random.weighted(COUNTRIES.map((country) => [country, country.weight] as const));
}

/** Where an organisation sits: an office, sometimes another address for invoices, and the time zone of the office. */
export function settle(country: Country, random: Random): { addresses: DemoAddress[]; timeZone: string } {
  const [city, region, timeZone] = random.pick(country.towns);
  const at = (kind: DemoAddress['kind']): DemoAddress => ({
    kind,
    street: country.street(random.pick(country.streets), random.between(1, 180)),
    city,
    region,
    postalCode: country.postalCode(random),
    country: country.code,
  });
  const addresses = [at('OFFICE'), ...(random.chance(0.3) ? [at('BILLING')] : [])];
  return { addresses, timeZone };
}
