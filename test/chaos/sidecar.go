package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/test/freeport"
)

// sidecar is the one under test, in this process.
type sidecar struct {
	url, admin string
	cancel     context.CancelFunc
	ended      chan error
	log        bytes.Buffer
}

func startSidecar(folder string, urls []string) (*sidecar, error) {
	port, err := freeport.Get()
	if err != nil {
		return nil, err
	}
	adminPort, err := freeport.Get()
	if err != nil {
		return nil, err
	}
	data, err := document(port, urls).Encode()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "ambassador.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, err
	}
	c := &sidecar{
		url:   fmt.Sprintf("http://127.0.0.1:%d/", port),
		admin: fmt.Sprintf("127.0.0.1:%d", adminPort),
		ended: make(chan error, 1),
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	go func() {
		c.ended <- proxy.Run(ctx, proxy.Options{ConfigFile: file, AdminAddress: c.admin, Grace: 10 * time.Second, Log: &c.log})
	}()
	return c, c.wait(func(map[string]float64) bool { return true })
}

// document has every policy in force.
func document(port int, urls []string) *config.Document {
	ms := func(n int) config.Duration { return config.Duration(time.Duration(n) * time.Millisecond) }
	retry := config.Retry{
		Attempts:       4,
		When:           []config.RetryCondition{config.RetryConnectFailure, config.RetryReset, config.RetryGatewayError, "429"},
		BaseBackoff:    ms(20),
		MaxBackoff:     ms(500),
		PerTryTimeout:  ms(600),
		IdempotencyKey: "Idempotency-Key",
	}
	keyed := retry
	keyed.AttachIdempotencyKey = true
	return &config.Document{Version: config.Version, AccessLog: config.AccessLogOff, Ambassadors: []config.Ambassador{{
		Name: "chaos",
		Port: port,
		Upstream: config.Upstream{
			URL: urls[0], Failover: urls[1:], DenyCIDRs: []string{},
			Health:   config.Health{Failures: 3, RetryAfter: ms(1000)},
			Timeouts: config.Timeouts{Call: ms(5000), DeadlineHeader: "X-Deadline"},
		},
		Routes: []config.Route{{Path: "/"}, {Path: "/keyed", Retry: &keyed}},
		Policy: config.Policy{
			Retry:          &retry,
			CircuitBreaker: &config.CircuitBreaker{FailureRate: 50, Window: ms(2000), MinRequests: 20, OpenFor: ms(300), Probes: 3},
			RateLimit:      &config.RateLimit{Requests: 500, Burst: 50, OnLimit: config.LimitWait, MaxWait: ms(1000), MaxCoolDown: ms(1000)},
			MaxConcurrency: 30,
		},
	}}}
}

// wait scrapes until what it finds is as wanted, for a few seconds.
func (c *sidecar) wait(isReady func(map[string]float64) bool) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range 500 {
		if figures, err := c.scrape(); err == nil && isReady(figures) {
			return nil
		}
		select {
		case err := <-c.ended:
			return fmt.Errorf("the sidecar has ended: %w", err)
		case <-ticker.C:
		}
	}
	return errors.New("the sidecar does not come to rest, or does not answer")
}

// settle waits until no call is in flight, and returns the metrics.
func (c *sidecar) settle() (map[string]float64, error) {
	err := c.wait(func(f map[string]float64) bool {
		return f[`ambassador_calls_in_flight{ambassador="chaos"}`] == 0 && f[`ambassador_calls_waiting{ambassador="chaos"}`] == 0 &&
			f[`ambassador_calls_live{ambassador="chaos"}`] == 0 && f[`ambassador_calls_retried{ambassador="chaos"}`] == 0
	})
	if err != nil {
		return nil, err
	}
	return c.scrape()
}

func (c *sidecar) stop() error {
	c.cancel()
	return <-c.ended
}

func (c *sidecar) scrape() (map[string]float64, error) {
	response, err := http.Get("http://" + c.admin + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	figures := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if at := strings.LastIndexByte(lines.Text(), ' '); at > 0 {
			name, value = lines.Text()[:at], lines.Text()[at+1:]
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] = number
		}
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return figures, lines.Err()
}
