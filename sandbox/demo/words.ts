/** First halves of invented company names. */
export const NAME_HEADS = (
  'Alder Amber Ash Aspen Birch Black Bracken Bramble Bright Bronze Brook Cinder Clear Cliff Clover Copper Coral Crane ' +
  'Dapple Drift Dusk East Elder Ember Fallow Fern Finch Flint Fox Frost Gale Glen Gold Granite Green Grove Harrow Hart ' +
  'Haven Hazel Heath Heron High Hollow Iron Juniper Kestrel Kite Lark Linden Long Maple Marl Mead Mill Mist Moss North ' +
  'Oak Otter Pebble Pine Plover Quarry Quill Raven Reed Ridge River Rowan Sable Sand Sedge Silver Slate Snow South ' +
  'Sparrow Spruce Star Stone Swift Tamar Thistle Thorn Tide Umber Vale Wander West Whin White Wild Willow Winter Wren Yarrow'
).split(' ');

/** Second halves of invented company names. */
export const NAME_TAILS = (
  'bank barrow bend berry bourne bridge brook burn bury by combe cote cove crest croft dale dene down fell field firth ' +
  'ford gate glade grove ham haven holm holt hurst keep land lane leigh lock march mark mere mill moor mouth ness path ' +
  'point pool port reach ridge rise shaw side spring stead stone strand thorpe vale wade ward water way well wick wold wood worth'
).split(' ');

/** Given names. */
export const GIVEN_NAMES = (
  'Ada Aiden Alma Amir Anja Anton Arlo Aurelie Bastien Bea Benno Callum Camille Carla Cedric Celia Chloe Clara Dario ' +
  'Daphne Della Dilan Dora Edda Elif Elio Ellis Emre Enzo Esme Ewan Fabien Farah Felix Fiona Flora Freya Gilda Greta ' +
  'Gus Hana Hugo Ida Imke Inez Iris Isla Ivo Jasper Joanna Jonas Jules Kai Karim Kirsten Lara Leif Lena Leonie Liam ' +
  'Linus Lotte Louis Luca Mael Maren Mateo Maya Mei Milo Mina Mira Naomi Nico Nils Noor Odile Olga Oscar Otto Pascal ' +
  'Petra Pia Priya Quentin Ravi Remy Rosa Ruben Sanne Selma Silas Simone Stella Sven Tamsin Tariq Theo Tilda Una ' +
  'Valentin Vera Wanda Wim Yara Yusuf Zelda Zora'
).split(' ');

/** Family names. */
export const FAMILY_NAMES = (
  'Abernethy Adeyemi Albrecht Ashdown Aubry Baines Barlow Bauer Beaumont Becker Bellamy Bianchi Blanc Blythe Brandt ' +
  'Brisbois Calder Carrow Castell Chaudhry Collier Cotter Dalby Darrow Delacroix Demir Dietrich Dorn Drummond Duval ' +
  'Eastman Eckert Ellery Engel Fairfax Fenwick Ferrand Fiedler Fontaine Gallier Garrick Gerlach Gilmore Grimaud Haldane ' +
  'Hartwig Hawthorne Heller Hollis Ibarra Ingram Iyer Janssen Jardine Kaya Keller Kerr Kilburn Kovar Kurtz Lachance ' +
  'Lambert Langley Lindqvist Lockhart Lorenz Maddox Marchand Marlow Mercier Meyer Moreau Nakata Nash Novak Oakley ' +
  'Okafor Osterman Pascoe Pellier Pryor Quade Quinlan Radcliffe Rahimi Reinhardt Renaud Rossi Rowntree Sabatier Salter ' +
  'Schaefer Selby Sinclair Sorel Strand Sutcliffe Tanaka Thackeray Thibault Trent Ulrich Vance Vasquez Vogel Wadsworth ' +
  'Weber Whitlock Winslow Wolff Yilmaz Zeller Zimmer'
).split(' ');

/** Lines of business: how often, the words a company of it carries in its name, and how its size differs from the middle. */
export const INDUSTRIES = [
  { name: 'Software', weight: 16, words: ['Software', 'Systems', 'Data', 'Labs', 'Cloud'], size: 0.8 },
  { name: 'Manufacturing', weight: 13, words: ['Works', 'Industries', 'Machining', 'Tools', 'Fabrication'], size: 1.9 },
  { name: 'Logistics', weight: 9, words: ['Logistics', 'Freight', 'Haulage', 'Shipping'], size: 1.6 },
  { name: 'Retail', weight: 9, words: ['Stores', 'Goods', 'Trading', 'Outfitters'], size: 1.3 },
  { name: 'Health', weight: 8, words: ['Health', 'Clinics', 'Care', 'Diagnostics'], size: 1.5 },
  { name: 'Financial services', weight: 7, words: ['Capital', 'Advisers', 'Insurance', 'Finance'], size: 1.1 },
  { name: 'Construction', weight: 7, words: ['Builders', 'Construction', 'Roofing', 'Civil'], size: 1.2 },
  { name: 'Professional services', weight: 7, words: ['Consulting', 'Partners', 'Associates'], size: 0.6 },
  { name: 'Media', weight: 5, words: ['Media', 'Studios', 'Press', 'Pictures'], size: 0.5 },
  { name: 'Education', weight: 5, words: ['Academy', 'Learning', 'College'], size: 1.0 },
  { name: 'Energy', weight: 4, words: ['Energy', 'Solar', 'Power', 'Renewables'], size: 1.7 },
  { name: 'Hospitality', weight: 4, words: ['Hotels', 'Kitchens', 'Resorts'], size: 0.9 },
  { name: 'Agriculture', weight: 3, words: ['Farms', 'Orchards', 'Growers', 'Dairy'], size: 0.7 },
  { name: 'Biotechnology', weight: 3, words: ['Bio', 'Genomics', 'Sciences'], size: 0.7 },
] as const;

/** Jobs: the first contact of an account holds one that leads, the others any. */
export const LEADING_JOBS = [
  ['Managing Director', 'Management'],
  ['Chief Executive', 'Management'],
  ['Chief Operating Officer', 'Operations'],
  ['Finance Director', 'Finance'],
  ['Head of Procurement', 'Procurement'],
  ['Head of Technology', 'Technology'],
] as const;

/** Jobs of the people behind the first contact. */
export const OTHER_JOBS = [
  ['Accounts Payable Clerk', 'Finance'],
  ['Controller', 'Finance'],
  ['Buyer', 'Procurement'],
  ['Procurement Manager', 'Procurement'],
  ['Operations Manager', 'Operations'],
  ['Office Manager', 'Operations'],
  ['Systems Administrator', 'Technology'],
  ['Data Analyst', 'Technology'],
  ['Engineering Manager', 'Technology'],
  ['Marketing Manager', 'Marketing'],
  ['Sales Manager', 'Sales'],
  ['Personnel Officer', 'Personnel'],
] as const;
