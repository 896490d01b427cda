package manager

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	options, err := Parse([]string{"--namespaces=a,b", "--leader-elect", "--log-level=debug", "--concurrency=4"}, "1.2.3", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(options.Namespaces, []string{"a", "b"}) || !options.LeaderElection || options.LogLevel != slog.LevelDebug || options.Concurrency != 4 {
		t.Errorf("%+v", options)
	}
	if options.SidecarImage != "ghcr.io/ambassador-operator/ambassador:1.2.3" {
		t.Errorf("the sidecar's image is %s; it should follow the operator's version", options.SidecarImage)
	}
}

func TestTheSidecarsImageIsTheFlagThenTheVariableThenTheVersion(t *testing.T) {
	t.Setenv(SidecarImageVariable, "from/variable:1")
	for want, arguments := range map[string][]string{"from/variable:1": nil, "from/flag:1": {"--sidecar-image=from/flag:1"}} {
		options, err := Parse(arguments, "1.2.3", io.Discard)
		if err != nil || options.SidecarImage != want {
			t.Errorf("Parse(%q) = %v, %v, want %s", arguments, options, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for argument, word := range map[string]string{
		"--namespaces=a, b":   "--namespaces",
		"--namespaces=Prod":   "Prod",
		"--sidecar-image=":    "--sidecar-image",
		"--concurrency=0":     "--concurrency",
		"--resync=1ms":        "--resync",
		"--kube-api-burst=-1": "--kube-api-burst",
		"run":                 "run",
	} {
		if _, err := Parse([]string{argument}, "dev", io.Discard); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("Parse(%s) = %v, want an error that names %s", argument, err, word)
		}
	}
	if _, err := Parse([]string{"--help"}, "dev", io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("Parse(--help) = %v", err)
	}
}
