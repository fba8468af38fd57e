import { describeUnifiedSuite } from './unified-suite.ts';

describeUnifiedSuite('retryable-writes');
