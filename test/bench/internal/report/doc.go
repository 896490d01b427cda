// Package report turns samples into medians, ratios, tables and verdicts. It does no measuring and knows no proxy but by
// name.
//
//	Sample, Memory -> Document.Add -> medians -> Document.Markdown, Document.JSON, Document.Verdicts
package report
