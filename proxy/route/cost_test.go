package route

import (
	"fmt"
	"testing"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

var (
	costPath  = []byte("/movie/550/credits")
	costQuery = []byte("language=en&page=2")
	costOwned = [][]byte{[]byte("api_key")}
	costValue = []byte("api_key=0123456789abcdef")
)

// manyRoutes returns a table of n routes, of which one answers costPath.
func manyRoutes(t testing.TB, n int) *Table {
	routes := []config.Route{{Path: "/movie/{id}/credits", UpstreamPath: "/movie/{id}/cast", Methods: []string{"GET"}}}
	for i := range n - 1 {
		routes = append(routes, config.Route{Path: fmt.Sprintf("/kind%d/{id}/part%d", i%40, i), UpstreamPath: "/other"})
	}
	return Compile(routes)
}

func TestRequestAllocatesNothing(t *testing.T) {
	for _, path := range []string{string(costPath), "/movie/%35%2050/cr%65dits/x%2Fy", "/kind7/1/part7", "/nowhere", "/a/../b"} {
		table, target, dst := manyRoutes(t, 100), []byte(path), make([]byte, 0, 256)
		var m Match
		if n := testing.AllocsPerRun(100, func() {
			if table.Lookup(target, []byte("GET"), &m) == Found {
				dst = m.AppendTarget(dst[:0], "/3", target, costQuery, true, costOwned, costValue)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

// A lookup among 1,000 routes takes about as long as with one. The least of many short rounds is compared, as other
// programs share the machine; BenchmarkLookup has the figures.
func TestLookupCostDoesNotGrowWithRoutes(t *testing.T) {
	one, many := manyRoutes(t, 1), manyRoutes(t, 1000)
	few, lots := time.Hour, time.Hour
	for range 300 {
		few, lots = min(few, round(one)), min(lots, round(many))
	}
	if lots > few*11/10 {
		t.Errorf("1,000 lookups take %s with one route, %s with 1,000", few, lots)
	}
}

func round(table *Table) time.Duration {
	var m Match
	method := []byte("GET")
	start := time.Now()
	for range 1000 {
		table.Lookup(costPath, method, &m)
	}
	return time.Since(start)
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var m Match
			table, method := manyRoutes(b, n), []byte("GET")
			b.ReportAllocs()
			for b.Loop() {
				if table.Lookup(costPath, method, &m) != Found {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkTarget(b *testing.B) {
	var m Match
	dst := make([]byte, 0, 256)
	manyRoutes(b, 1).Lookup(costPath, []byte("GET"), &m)
	b.ReportAllocs()
	for b.Loop() {
		dst = m.AppendTarget(dst[:0], "/3", costPath, costQuery, true, costOwned, costValue)
	}
}
