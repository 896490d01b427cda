package upstream_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
	"github.com/ambassador-operator/ambassador-operator/proxy/upstream"
)

// urls are three endpoints that nobody dials.
var urls = []string{"http://a.example/1", "http://b.example/2", "http://c.example/3"}

func newGroup(t *testing.T, health config.Health, previous *upstream.Group, urls ...string) *upstream.Group {
	t.Helper()
	g, err := upstream.NewGroup(&config.Upstream{URL: urls[0], Failover: urls[1:], Health: health},
		upstream.Options{Name: "test", Metrics: metrics.NewSet()}, previous)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// call makes one call and returns the host that it went to.
func call(g *upstream.Group, isAnswered bool) string {
	choice := g.Choose(0)
	defer choice.End()
	choice.Heard(isAnswered)
	return string(choice.Endpoint.Host())
}

func wantCalls(t *testing.T, g *upstream.Group, isAnswered bool, hosts ...string) {
	t.Helper()
	for i, want := range hosts {
		if got := call(g, isAnswered); got != want {
			t.Fatalf("call %d goes to %s, want %s", i, got, want)
		}
	}
}

func TestTheFirstEndpointThatIsWellIsCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{}, nil, urls...)
		defer g.Close()
		wantCalls(t, g, true, "a.example", "a.example")
		wantCalls(t, g, false, "a.example", "a.example", "a.example", "b.example", "b.example", "b.example")
		wantCalls(t, g, true, "c.example", "c.example")
	})
}

func TestFailuresCountInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 2}, nil, urls...)
		defer g.Close()
		for range 5 {
			wantCalls(t, g, false, "a.example")
			wantCalls(t, g, true, "a.example")
		}
		wantCalls(t, g, false, "a.example", "a.example", "b.example")
	})
}

func TestOneCallTriesAFailingEndpointAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 1, RetryAfter: config.Duration(10 * time.Second)}, nil, urls[:2]...)
		defer g.Close()
		wantCalls(t, g, false, "a.example")
		time.Sleep(9 * time.Second)
		wantCalls(t, g, true, "b.example")
		time.Sleep(time.Second)

		test := g.Choose(0)
		if host := string(test.Endpoint.Host()); host != "a.example" {
			t.Fatalf("the test goes to %s", host)
		}
		wantCalls(t, g, true, "b.example", "b.example") // the others stay
		test.End()                                      // the client went: the next call tests
		wantCalls(t, g, false, "a.example")
		wantCalls(t, g, true, "b.example")
		time.Sleep(10 * time.Second)
		wantCalls(t, g, true, "a.example", "a.example")
	})
}

func TestAFlappingEndpointGetsOneCallAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 1, RetryAfter: config.Duration(time.Second)}, nil, urls[:2]...)
		defer g.Close()
		failed := 0
		for range 1000 { // every 100 ms, and the first endpoint fails every time
			choice := g.Choose(0)
			isFirst := string(choice.Endpoint.Host()) == "a.example"
			if isFirst {
				failed++
			}
			choice.Heard(!isFirst)
			choice.End()
			time.Sleep(100 * time.Millisecond)
		}
		if failed != 100 {
			t.Errorf("%d of 1000 calls met the endpoint that fails, want one a second", failed)
		}
	})
}

func TestWhereAllFailTheOneThatHasForLongestIsCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 1}, nil, urls...)
		defer g.Close()
		wantCalls(t, g, false, "a.example")
		time.Sleep(time.Second)
		wantCalls(t, g, false, "b.example")
		time.Sleep(time.Second)
		wantCalls(t, g, false, "c.example", "a.example", "a.example")
		wantCalls(t, g, true, "a.example")
		wantCalls(t, g, true, "a.example")
	})
}

func TestAnotherAttemptGoesToAnotherEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{}, nil, urls...)
		defer g.Close()
		var tried upstream.Tried
		for i, want := range []string{"a.example", "b.example", "c.example", "a.example"} {
			choice := g.Choose(tried)
			if host := string(choice.Endpoint.Host()); host != want {
				t.Errorf("attempt %d goes to %s, want %s", i, host, want)
			}
			tried = choice.Add(tried)
			choice.Heard(false)
			choice.End()
		}
	})
}

func TestEndpointsThatStayKeepTheirHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := newGroup(t, config.Health{Failures: 1}, nil, urls...)
		wantCalls(t, before, false, "a.example")
		time.Sleep(time.Second)
		inFlight := before.Choose(0) // b
		after := newGroup(t, config.Health{Failures: 1, RetryAfter: config.Duration(time.Hour)}, before, urls[2], urls[0], urls[1])
		before.Close(after)
		defer after.Close()
		inFlight.Heard(false)
		inFlight.End()
		if states := after.Look(); !states[0].Failing.IsZero() || states[1].Failing.IsZero() || states[2].Failing.IsZero() {
			t.Errorf("%+v", states)
		}
		wantCalls(t, after, false, "c.example", "a.example")
	})
}

func TestAProbeBringsAnEndpointBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 1, Probe: &config.Probe{Path: "/health", Statuses: []string{"204"}}}, nil, urls[:2]...)
		var status, asked atomic.Int32
		g.SetAsker(func(_ context.Context, e *upstream.Endpoint, path string) (int, error) {
			asked.Add(1)
			if string(e.Host()) != "a.example" || path != "/health" {
				t.Errorf("%s is asked for %s", e.Host(), path)
			}
			if status.Load() == 0 {
				return 0, errors.New("refused")
			}
			return int(status.Load()), nil
		})
		wantCalls(t, g, false, "a.example")
		for _, s := range []int32{500, 0, 200} { // none of them says that it is back
			status.Store(s)
			time.Sleep(10 * time.Second)
			wantCalls(t, g, true, "b.example")
		}
		status.Store(204)
		time.Sleep(15 * time.Second)
		wantCalls(t, g, true, "a.example")

		before := asked.Load()
		time.Sleep(time.Hour)
		if again := asked.Load() - before; again != 0 {
			t.Errorf("asked %d times while all is well", again)
		}
		g.Close()
	})
}

func TestNobodyIsProbedWhenNobodyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, config.Health{Failures: 1, Probe: &config.Probe{Path: "/"}}, nil, urls[:2]...)
		var asked atomic.Int32
		g.SetAsker(func(context.Context, *upstream.Endpoint, string) (int, error) {
			asked.Add(1)
			return 500, nil
		})
		wantCalls(t, g, false, "a.example")
		wantCalls(t, g, true, "b.example")
		time.Sleep(time.Hour)
		first := asked.Load()
		if first < 5 || first > 7 {
			t.Errorf("asked %d times in an hour without calls", first)
		}
		wantCalls(t, g, true, "b.example")
		time.Sleep(11 * time.Second)
		if asked.Load() == first {
			t.Error("not asked again when there are calls")
		}
		g.Close()
	})
}

func TestAGroupOfOneJudgesNothing(t *testing.T) {
	g := newGroup(t, config.Health{Failures: 1}, nil, urls[0])
	defer g.Close()
	wantCalls(t, g, false, "a.example", "a.example", "a.example")
	if state := g.Look()[0]; !state.Failing.IsZero() || !g.IsOne() {
		t.Errorf("%+v", state)
	}
}
