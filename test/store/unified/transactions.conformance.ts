import { describeUnifiedSuite } from './unified-suite.ts';

describeUnifiedSuite('transactions');
