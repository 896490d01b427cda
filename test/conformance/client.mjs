// The suite's client: node client.mjs BASE. It prints one JSON object for each test.
import fetch from 'node-fetch'
import tests from 'http-cache-tests/tests/index.mjs'
import { runTests, getResults } from 'http-cache-tests/client/runner.mjs'

await runTests(tests, fetch, false, process.argv[2])
const results = getResults()
for (const suite of tests) {
  for (const test of suite.tests) {
    if (test.browser_only) continue
    const result = results[test.id]
    console.log(JSON.stringify({
      suite: suite.name,
      id: test.id,
      name: test.name,
      kind: test.kind || 'required',
      dependsOn: test.depends_on || [],
      passed: result === true,
      error: result === true ? '' : result[0],
      message: result === true ? '' : result[1]
    }))
  }
}
