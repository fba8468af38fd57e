import mongoose, { Schema, Types } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../store/store.ts';
import { openTestStore } from '../../support/test-store.ts';

let store: Store;
let made = 0;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

/** A model of its own collection. */
function model<Shape>(schema: Schema<Shape>) {
  made += 1;
  return store.connection.model<Shape>(`Typed${made}`, schema);
}

interface Line {
  _id: Types.ObjectId;
  sku: string;
  amount: number;
}

const uuid = '7f9c24e5-2f4a-4b8e-9d0a-0123456789ab';
const objectId = new Types.ObjectId('65f000000000000000000001');

describe('a value comes back as it was', () => {
  it.each<[string, unknown, unknown]>([
    ['String', String, 'größer als 🦊'],
    ['empty String', String, ''],
    ['Number', Number, -12.75],
    ['integer Number', Number, 2 ** 40],
    ['Boolean', Boolean, false],
    ['Date', Date, new Date('1969-07-20T20:17:40.123Z')],
    ['ObjectId', Schema.Types.ObjectId, objectId],
    ['Buffer', Buffer, Buffer.from([0, 1, 254, 255])],
    ['Decimal128', Schema.Types.Decimal128, Types.Decimal128.fromString('12345678901234567890.123456789')],
    ['BigInt', BigInt, 9_007_199_254_740_993n],
    ['negative BigInt', BigInt, -9_223_372_036_854_775_808n],
    ['UUID', Schema.Types.UUID, uuid],
    ['Int32', Schema.Types.Int32, -2_147_483_648],
    ['Mixed', Schema.Types.Mixed, { deep: [{ a: null }, [1, 'two']] }],
    ['array of Strings', [String], ['a', 'b', 'a']],
    ['array of arrays', [[Number]], [[1, 2], [], [3]]],
    ['null', String, null],
  ])('%s', async (_name, type, value) => {
    const Typed = model(new Schema({ value: type as never }));
    const { _id } = await Typed.create({ value } as never);
    const found = (await Typed.findById(_id).orFail()) as unknown as { value: unknown };
    const plain = (it: unknown) => {
      if (Buffer.isBuffer(it)) return it.toString('hex');
      const text = typeof it === 'bigint' || it instanceof Types.Decimal128 || it instanceof Types.UUID;
      return text ? String(it) : JSON.parse(JSON.stringify(it));
    };
    expect(plain(found.value)).toEqual(plain(value));
  });

  it('Map of subdocuments', async () => {
    const Typed = model(new Schema({ rates: { type: Map, of: new Schema({ n: Number }, { _id: false }) } }));
    const { _id } = await Typed.create({ rates: { eur: { n: 1 }, usd: { n: 2 } } });
    const found = await Typed.findById(_id).orFail();
    found.rates?.set('chf', { n: 3 });
    found.rates?.delete('usd');
    await found.save();
    const raw = await Typed.findById(_id).lean().orFail();
    expect(raw.rates).toEqual({ eur: { n: 1 }, chf: { n: 3 } });
    expect(await Typed.countDocuments({ 'rates.chf.n': { $gte: 3 } })).toBe(1);
  });

  it.each([
    ['Decimal128', { value: Schema.Types.Decimal128 }, Types.Decimal128.fromString('10.50')],
    ['BigInt', { value: BigInt }, 9_007_199_254_740_993n],
    ['UUID', { value: Schema.Types.UUID }, new Types.UUID(uuid)],
    ['Date', { value: Date }, new Date(0)],
    ['Buffer', { value: Buffer }, Buffer.from('key')],
    ['ObjectId', { value: Schema.Types.ObjectId }, objectId],
  ])('and is found by it: %s', async (_name, shape, value) => {
    const Typed = model(new Schema(shape as never));
    await Typed.create([{ value }, {}] as never);
    expect(await Typed.countDocuments({ value } as never)).toBe(1);
    expect(await Typed.countDocuments({ value: { $ne: value } } as never)).toBe(1);
  });
});

describe('a schema', () => {
  it('refuses what does not fit, and nothing is stored', async () => {
    const Person = model(
      new Schema({
        name: { type: String, required: true, trim: true, minlength: 2 },
        age: { type: Number, min: 0 },
        role: { type: String, enum: ['sales', 'support'] },
      }),
    );
    const error = await Person.create({ name: 'x', age: -1, role: 'boss' }).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(mongoose.Error.ValidationError);
    expect(Object.keys((error as mongoose.Error.ValidationError).errors).sort()).toEqual(['age', 'name', 'role']);
    await expect(Person.create({ name: 'ok', age: 'old' as never })).rejects.toMatchObject({
      errors: { age: { name: 'CastError' } },
    });
    expect(await Person.countDocuments()).toBe(0);
  });

  it('fills defaults, shows virtuals, runs getters and setters', async () => {
    const Person = model(
      new Schema(
        {
          first: { type: String, set: (value: string) => value.trim() },
          last: { type: String, default: 'Unknown' },
          tags: { type: [String], default: () => ['new'] },
          mail: { type: String, lowercase: true },
        },
        {
          virtuals: {
            full: {
              get(this: { first?: string | null; last: string }) {
                return `${this.first} ${this.last}`;
              },
            },
          },
        },
      ),
    );
    const { _id } = await Person.create({ first: ' Ada ', mail: 'ADA@Example.org' });
    const found = await Person.findById(_id).orFail();
    expect([found.full, [...found.tags], found.mail]).toEqual(['Ada Unknown', ['new'], 'ada@example.org']);
  });

  it('keeps timestamps: created once, updated each time', async () => {
    const Note = model(new Schema({ text: String }, { timestamps: true }));
    const note = await Note.create({ text: 'a' });
    await Note.updateOne({ _id: note._id }, { text: 'b' });
    const found = await Note.findById(note._id).orFail();
    expect(found.createdAt).toEqual(note.createdAt);
    expect(found.updatedAt.getTime()).toBeGreaterThanOrEqual(note.updatedAt.getTime());
    const upserted = await Note.findOneAndUpdate({ text: 'c' }, {}, { upsert: true, new: true }).orFail();
    expect(upserted.createdAt).toBeInstanceOf(Date);
  });

  it('lets an immutable field be', async () => {
    const Row = model(new Schema({ tenant: { type: String, immutable: true }, n: Number }));
    const row = await Row.create({ tenant: 'acme', n: 1 });
    row.tenant = 'globex';
    row.n = 2;
    await row.save();
    await Row.updateOne({ _id: row._id }, { $set: { tenant: 'globex' } });
    expect(await Row.findById(row._id).lean()).toMatchObject({ tenant: 'acme', n: 2 });
  });

  it('hides a field unless asked for it', async () => {
    const User = model(new Schema({ name: String, secret: { type: String, select: false } }));
    const { _id } = await User.create({ name: 'a', secret: 's' });
    expect((await User.findById(_id).lean().orFail()).secret).toBeUndefined();
    expect((await User.findById(_id).select('+secret').lean().orFail()).secret).toBe('s');
  });

  it('runs plugins and middleware in order', async () => {
    const calls: string[] = [];
    const schema = new Schema({ name: String });
    schema.plugin((target) => {
      target.add({ slug: String } as never);
      target.pre('save', function slugify() {
        calls.push('pre save');
        this.set('slug', String(this.get('name')).toLowerCase());
      });
    });
    schema.post('save', () => {
      calls.push('post save');
    });
    schema.pre('findOneAndUpdate', () => {
      calls.push('pre findOneAndUpdate');
    });
    schema.post('insertMany', () => {
      calls.push('post insertMany');
    });
    schema.pre('deleteOne', { query: true, document: false }, () => {
      calls.push('pre deleteOne');
    });
    schema.pre('aggregate', function only() {
      this.pipeline().unshift({ $match: { name: 'B' } });
    });
    const Page = model(schema);
    const page = await Page.create({ name: 'A' });
    await Page.findOneAndUpdate({ name: 'A' }, { name: 'A2' });
    await Page.insertMany([{ name: 'B' }]);
    await Page.deleteOne({ name: 'A2' });
    expect(page.get('slug')).toBe('a');
    expect(await Page.aggregate([{ $count: 'n' }])).toEqual([{ n: 1 }]);
    expect(calls).toEqual(['pre save', 'post save', 'pre findOneAndUpdate', 'post insertMany', 'pre deleteOne']);
  });

  it('keeps the models of a discriminator apart', async () => {
    const Event = model(new Schema({ at: Date }, { discriminatorKey: 'kind' }));
    const Click = Event.discriminator(`Click${made}`, new Schema({ url: String }), 'click');
    const Call = Event.discriminator(`Call${made}`, new Schema({ seconds: Number }), 'call');
    await Click.create({ url: '/a' });
    await Call.create([{ seconds: 5 }, { seconds: 7 }]);
    expect([await Event.countDocuments(), await Click.countDocuments(), await Call.countDocuments()]).toEqual([
      3, 1, 2,
    ]);
    expect((await Event.findOne({ kind: 'click' }).orFail()) instanceof Click).toBe(true);
    expect(await Call.distinct('seconds')).toEqual([5, 7]);
    await expect(Call.updateMany({}, { $inc: { seconds: 1 } })).resolves.toMatchObject({ modifiedCount: 2 });
  });
});

describe('subdocuments', () => {
  const build = () =>
    model(
      new Schema({
        lines: [new Schema({ sku: String, amount: { type: Number, default: 1 } })],
        address: new Schema({ city: { type: String, required: true } }, { _id: false }),
      }),
    );

  it('are pushed, changed by id, and pulled', async () => {
    const Order = build();
    const order = await Order.create({ lines: [{ sku: 'a' }, { sku: 'b' }] });
    order.lines.push({ sku: 'c', amount: 3 });
    const second = order.lines[1];
    if (second) second.amount = 9;
    order.lines.id(order.lines[0]?._id)?.deleteOne();
    await order.save();
    const found = await Order.findById(order._id).orFail();
    expect(found.toObject().lines.map(({ sku, amount }: Line) => [sku, amount])).toEqual([
      ['b', 9],
      ['c', 3],
    ]);
    expect(found.toObject().lines.every(({ _id }: Line) => _id instanceof Types.ObjectId)).toBe(true);
  });

  it('are validated with their parent, set and unset', async () => {
    const Order = build();
    await expect(Order.create({ address: {} as never })).rejects.toMatchObject({
      errors: { 'address.city': { kind: 'required' } },
    });
    const order = await Order.create({ address: { city: 'Bonn' } });
    order.set('address.city', 'Köln');
    await order.save();
    expect(await Order.countDocuments({ 'address.city': 'Köln' })).toBe(1);
    order.set('address', undefined);
    await order.save();
    expect((await Order.findById(order._id).lean().orFail()).address).toBeUndefined();
  });
});
