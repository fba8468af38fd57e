import { describeUnifiedSuite } from './unified-suite.ts';

describeUnifiedSuite('change-streams');
