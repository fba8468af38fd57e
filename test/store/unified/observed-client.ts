import mongoose from 'mongoose';
import { Mismatch, toPlain } from './match.ts';
import type { Document } from './test-file.ts';

/** An event as the driver told it, with its documents as they were at that moment. */
export interface ObservedEvent {
  /** Name of the format: `commandStartedEvent`. */
  readonly type: string;
  readonly fields: Document;
}

/** The driver's name of each event we know; the others are refused. */
const EVENTS: Readonly<Record<string, string>> = {
  commandStartedEvent: 'commandStarted',
  commandSucceededEvent: 'commandSucceeded',
  commandFailedEvent: 'commandFailed',
  connectionCheckOutStartedEvent: 'connectionCheckOutStarted',
};

/** Commands that are part of the runner, not of a case. */
const OWN = ['configureFailPoint'];

function fieldsOf(type: string, event: Document): Document {
  if (!type.startsWith('command')) return {};
  const { commandName, databaseName, command, reply, failure } = event;
  return toPlain({ commandName, databaseName, command, reply, failure: failure ? {} : undefined }) as Document;
}

/** A client of a case, with the events it was asked to watch. */
export class ObservedClient {
  readonly client: mongoose.mongo.MongoClient;
  readonly events: ObservedEvent[] = [];
  /** Commands started, for the assertions on their sessions, observed or not. */
  readonly commands: Document[] = [];

  constructor(uri: string, definition: Document) {
    const {
      id: _id,
      useMultipleMongoses: _,
      uriOptions = {},
      observeEvents = [],
      ignoreCommandMonitoringEvents = [],
      ...rest
    } = definition;
    const unknown = Object.keys(rest)[0];
    if (unknown !== undefined) throw new Mismatch(`The runner does not know the option ${unknown} of a client`);
    this.client = new mongoose.mongo.MongoClient(uri, {
      minHeartbeatFrequencyMS: 50,
      serverSelectionTimeoutMS: 5000,
      monitorCommands: true,
      ...(uriOptions as Document),
    });
    const ignored = new Set([...OWN, ...(ignoreCommandMonitoringEvents as string[])]);
    const emitter = this.client as unknown as NodeJS.EventEmitter;
    for (const type of observeEvents as string[]) this.#observe(emitter, type, ignored);
    emitter.on('commandStarted', ({ command }) => this.commands.push(toPlain(command) as Document));
  }

  #observe(emitter: NodeJS.EventEmitter, type: string, ignored: ReadonlySet<string>): void {
    const name = EVENTS[type];
    if (!name) throw new Mismatch(`The runner does not know the event ${type}`);
    emitter.on(name, (event) => {
      if (!ignored.has(event.commandName)) this.events.push({ type, fields: fieldsOf(type, event) });
    });
  }
}
