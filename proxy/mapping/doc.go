// Package mapping turns a service's answers into those that the application knows, by the jq programs of a route.
//
// It is pure: content in, content out. It reads no connection and no file, sets no header field and logs nothing; the
// relay collects answers, frames what comes out and counts what fails. The operator and the command line use it too, to
// refuse a wrong program before it serves.
//
//	config.Response ── Compile ── Mapping ── Check: the examples come out as they say
//	status ── Rule ── Map(content) ── decode ── program, metered ── one value ── encode ── content
//	               └─ Stream ── bytes as they come ── event ── the same ── event
//
// # What a program sees and makes
//
// Its input is the answer's JSON. No content at all is null, and so is that of an error (4xx, 5xx) which is not JSON. Its
// variables are $status, $captures and $query. It has no environment, no files, no modules, no clock but now, and no
// further input. It makes exactly one value, of any kind, null included; in a stream it may also make none, which leaves
// the event out.
//
// Numbers that a program does not calculate with come out in the digits that they came in; whole numbers are calculated
// exactly, whatever their size, others as 64-bit floats. NaN comes out as null and infinities as the largest float, as in
// jq. Objects come out with their keys in order; where a key came twice, the last value counts.
//
// # Bounds
//
// A program is not trusted to end or to be small, as the operator runs those of any namespace, and a service's answer can
// make an honest program go wild. The interpreter asks its meter before each of its steps: that ends it when its time is
// over, its exchange has ended, or the heap has grown too far since it began. Steps that could take long or much at once,
// such as to repeat a string, to compare lists or to search a text, are given a guard each when the program is compiled
// (guard.go rewrites, guards.go judges). So that none can be got around, a program defines no function that hides a guarded
// one, and calls none that the interpreter has for itself. An error of a program may hold a piece of the answer, so no error of this package has its text: it says which rule failed and how.
package mapping
