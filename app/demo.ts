import { runDemo } from './demo/story.ts';
import { runMain } from './main.ts';

/** `npm run demo [-- --url URL]`: the story of one payment, told on a running server. */
await runMain(async () => {
  await runDemo(process.argv.slice(2));
  return undefined;
});
