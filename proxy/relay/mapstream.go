package relay

import (
	"context"
	"time"

	"github.com/ambassador-operator/ambassador-operator/proxy/http1"
	"github.com/ambassador-operator/ambassador-operator/proxy/mapping"
)

// isStream reports whether the answer is mapped event by event.
func (x *exchange) isStream(p *mapPlan) bool {
	mediaType, _ := http1.Lookup(x.resp.Fields, "content-type")
	return p.IsStream(x.resp.Status, string(mediaType))
}

// mapStream maps the content as it passes. The head goes on at once.
func (x *exchange) mapStream(rule *mapping.Rule) error {
	if coding := x.coding(); coding != "" && coding != "identity" {
		return x.plan.mapping.fails(mapping.ErrInput)
	}
	x.addFilter(&mapFilter{x: x, stream: rule.Stream(x.mapRequest())}, true)
	x.dropOfContent()
	x.restate(rule.Status, rule.TypeOf(true))
	return nil
}

// mapFilter maps each event of a stream.
type mapFilter struct {
	x      *exchange
	stream *mapping.Stream
	out    []byte
}

func (f *mapFilter) pass(piece []byte) ([]byte, error) {
	return f.run(func(ctx context.Context) (err error) {
		f.out, err = f.stream.Append(ctx, f.out[:0], piece)
		return err
	})
}

func (f *mapFilter) end() ([]byte, error) {
	out, err := f.run(func(ctx context.Context) (err error) {
		f.out, err = f.stream.AppendEnd(ctx, f.out[:0])
		return err
	})
	if err == nil {
		f.x.plan.mapping.counters.count(nil)
	}
	return out, err
}

// run returns what came out before it failed, too.
func (f *mapFilter) run(step func(context.Context) error) ([]byte, error) {
	begun := time.Now()
	err := f.x.whileWanted(step)
	f.x.plan.mapping.counters.ran(time.Since(begun))
	if err != nil {
		err = f.x.plan.mapping.fails(err)
	}
	return f.out, err
}
