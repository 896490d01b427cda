// Command bench-operator measures the operator's program against a real API server and etcd, without a kubelet:
//
//   - how long it takes to converge on many Ambassadors, as a multiple of what a bare client needs to create the same
//     objects with the same limits, in the same run;
//   - how many writes it sends afterwards, while everything is looked at again and again;
//   - how much memory it holds for each Ambassador.
//
// It prints a table, and ends with 1 where a bar does not hold. KUBEBUILDER_ASSETS names the folder of kube-apiserver and
// etcd.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ambassador-operator/ambassador-operator/controllers/manager"
)

// The bars.
const (
	maxRatio  = 1.5
	maxWrites = 0
	maxMemory = 60 // KB for each Ambassador
)

type settings struct {
	ambassadors, concurrency int
	qps                      float64
	burst                    int
	quiet, resync            time.Duration
	manager, crds            string
	verbose                  bool
}

// result is what was measured.
type result struct {
	bare, operator time.Duration
	writes         int
	before, after  int64 // resident bytes of the operator, without and with Ambassadors
}

func main() {
	var s settings
	flag.IntVar(&s.ambassadors, "ambassadors", 1000, "how many Ambassadors")
	flag.IntVar(&s.concurrency, "concurrency", 16, "requests at a time, of the bare client as of the operator")
	flag.Float64Var(&s.qps, "qps", manager.DefaultQPS, "requests a second, of the bare client as of the operator; 0 for no limit")
	flag.IntVar(&s.burst, "burst", manager.DefaultBurst, "requests at once, where -qps limits them")
	flag.DurationVar(&s.quiet, "quiet", 5*time.Minute, "how long writes are counted once everything has converged")
	flag.DurationVar(&s.resync, "resync", 30*time.Second, "how often the operator looks at everything again")
	flag.StringVar(&s.manager, "manager", "bin/manager", "the operator's program")
	flag.StringVar(&s.crds, "crds", "config/crd/bases", "folder of the CustomResourceDefinition")
	flag.BoolVar(&s.verbose, "requests", false, "list the requests that the API server served for both parties")
	flag.Parse()
	log.SetLogger(logr.Discard())
	os.Exit(run(&s))
}

func run(s *settings) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := measure(ctx, s)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-operator:", err)
		return 1
	}
	return report(s, r)
}

func report(s *settings, r *result) (code int) {
	ratio := r.operator.Seconds() / r.bare.Seconds()
	memory := float64(r.after-r.before) / float64(s.ambassadors) / 1000
	verdict := func(holds bool) string {
		if holds {
			return "holds"
		}
		code = 1
		return "BROKEN"
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) { fmt.Fprintf(table, format+"\n", args...) } //nolint:errcheck // a table on stdout
	row("\n%d Ambassadors, each with a ConfigMap and a Deployment\tmeasured\tbar\t", s.ambassadors)
	row("limits of both: %g requests a second, %d at once, %d at work\t\t\t", s.qps, s.burst, s.concurrency)
	row("a bare client creates the same %d objects\t%.1f s\t\t", 3*s.ambassadors, r.bare.Seconds())
	row("the operator converges\t%.1f s\t\t", r.operator.Seconds())
	row("ratio\t%.2f\t%.2f\t%s", ratio, maxRatio, verdict(ratio <= maxRatio))
	row("writes in %s with a resync every %s\t%d\t%d\t%s", s.quiet, s.resync, r.writes, maxWrites, verdict(r.writes <= maxWrites))
	row("memory of the operator, without Ambassadors\t%.1f MB\t\t", float64(r.before)/1e6)
	row("memory of the operator, with them\t%.1f MB\t\t", float64(r.after)/1e6)
	row("memory for each Ambassador\t%.1f KB\t%d KB\t%s", memory, maxMemory, verdict(memory <= maxMemory))
	table.Flush() //nolint:errcheck // a table on stdout
	return code
}
