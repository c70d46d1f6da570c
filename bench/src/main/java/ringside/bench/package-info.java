/** JMH benchmarks, and no part of the API. */
package ringside.bench;
