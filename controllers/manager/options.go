package manager

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client/config"

	"github.com/ambassador-operator/ambassador-operator/controllers"
)

// SidecarImageVariable is the environment variable that gives the default of --sidecar-image.
const SidecarImageVariable = "AMBASSADOR_SIDECAR_IMAGE"

// Bounds of the requests to the API server. They matter only when much is new, such as at an upgrade that rolls everything:
// an operator that has nothing to do sends nothing. They are kubelet's.
const (
	DefaultQPS   = 50
	DefaultBurst = 100
)

// Options are the operator's settings.
type Options struct {
	// SidecarImage runs beside workloads whose Ambassador names no image. Required.
	SidecarImage string
	// Namespaces are those whose Ambassadors are served; none are all.
	Namespaces []string
	// LeaderElection lets one of several operators work at a time.
	LeaderElection bool
	// LeaderElectionNamespace holds the Lease. Empty: the namespace that the operator runs in.
	LeaderElectionNamespace string
	// MetricsAddress serves /metrics over TLS to whom the API server allows it. "0" serves none.
	MetricsAddress string
	// HealthAddress serves /healthz and /readyz. "0" serves none.
	HealthAddress string
	// Concurrency is how many Ambassadors are reconciled at once. Zero: [controllers.DefaultConcurrency].
	Concurrency int
	// QPS and Burst bound the requests to the API server: so many a second on average, so many at once. Lease renewals
	// are not counted. QPS of zero or less: no bound but the API server's own.
	QPS   float64
	Burst int
	// Resync is how often everything is looked at again, whether or not it changed. Zero: 10 hours.
	Resync time.Duration
	// LogLevel bounds the log.
	LogLevel slog.Level
}

// namespacePattern is a DNS-1123 label.
var namespacePattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// Parse reads the command line, without the program's name. version is the operator's own, from which the default of the
// sidecar's image follows. It returns [flag.ErrHelp] where help was asked for and printed to out.
func Parse(arguments []string, version string, out io.Writer) (*Options, error) {
	options, namespaces := &Options{}, ""
	image := os.Getenv(SidecarImageVariable)
	if image == "" {
		image = "ghcr.io/ambassador-operator/ambassador:" + version
	}
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	flags.SetOutput(out)
	config.RegisterFlags(flags)
	flags.StringVar(&options.SidecarImage, "sidecar-image", image, "image of the sidecar where an Ambassador names none; also "+SidecarImageVariable)
	flags.StringVar(&namespaces, "namespaces", "", "comma-separated namespaces whose Ambassadors are served (default all)")
	flags.BoolVar(&options.LeaderElection, "leader-elect", false, "let one of several operators work at a time")
	flags.StringVar(&options.LeaderElectionNamespace, "leader-election-namespace", "", "namespace of the Lease (default the operator's own)")
	flags.StringVar(&options.MetricsAddress, "metrics-bind-address", ":8443", "address of /metrics, served over TLS to authorised clients; 0 serves none")
	flags.StringVar(&options.HealthAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 serves none")
	flags.IntVar(&options.Concurrency, "concurrency", controllers.DefaultConcurrency, "Ambassadors reconciled at once")
	flags.Float64Var(&options.QPS, "kube-api-qps", DefaultQPS, "requests to the API server a second, on average; 0 for no bound but the API server's own")
	flags.IntVar(&options.Burst, "kube-api-burst", DefaultBurst, "requests to the API server at once, where --kube-api-qps bounds them")
	flags.DurationVar(&options.Resync, "resync", 10*time.Hour, "how often everything is looked at again")
	flags.TextVar(&options.LogLevel, "log-level", slog.LevelInfo, "least severe level that is logged: debug, info, warn or error")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("argument %q is not a flag; write --name=value", flags.Arg(0))
	}
	if namespaces != "" {
		options.Namespaces = strings.Split(namespaces, ",")
	}
	return options, options.validate()
}

func (o *Options) validate() error {
	if o.SidecarImage == "" {
		return errors.New("--sidecar-image is empty; name an image")
	}
	if o.Concurrency < 1 {
		return fmt.Errorf("--concurrency is %d; give 1 or more", o.Concurrency)
	}
	if o.QPS > 0 && o.Burst < 1 {
		return fmt.Errorf("--kube-api-burst is %d; give 1 or more", o.Burst)
	}
	if o.Resync < time.Second {
		return fmt.Errorf("--resync is %s; give 1s or more", o.Resync)
	}
	for _, namespace := range o.Namespaces {
		if !namespacePattern.MatchString(namespace) {
			return fmt.Errorf("--namespaces: %q is not a namespace; write names with commas and no spaces between them", namespace)
		}
	}
	return nil
}
