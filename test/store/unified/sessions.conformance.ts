import { describeUnifiedSuite } from './unified-suite.ts';

describeUnifiedSuite('sessions');
