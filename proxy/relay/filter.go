package relay

import "github.com/ambassador-operator/ambassador-operator/proxy/http1"

// filter is what an answer's content goes through on its way to the client, without its framing.
type filter interface {
	// pass takes the next piece, never empty, and returns what goes on now: nothing, where it keeps it for later. The result
	// may alias the piece, and is used before the next call. With an error it is what was good before.
	pass(piece []byte) ([]byte, error)
	// end is called once, when the content was whole, and returns what is left to go on. It is called for an answer without
	// content too, of which nothing may go on.
	end() ([]byte, error)
}

// addFilter has the content go through f after those that were added before. reshapes says that f may make content of
// another length. It is called before the answer's head is written.
func (x *exchange) addFilter(f filter, reshapes bool) {
	x.filters = append(x.filters, f)
	x.reshapes = x.reshapes || reshapes
}

// isFiltered reports whether the content must be looked at without its framing.
func (x *exchange) isFiltered() bool { return len(x.filters) > 0 && x.resp.Framing != http1.NoBody }

// isReshaped reports whether the length that the service announced does not hold.
func (x *exchange) isReshaped() bool { return x.reshapes && x.resp.Framing != http1.NoBody }

// filterFrom passes a piece on through the filters from the given one.
func (x *exchange) filterFrom(first int, piece []byte) (err error) {
	for i, f := range x.filters[first:] {
		piece, err = f.pass(piece)
		if err != nil {
			if len(piece) > 0 && x.filterFrom(first+i+1, piece) == nil {
				_ = x.flush() // the connection is cut next
			}
			return err
		}
		if len(piece) == 0 {
			return nil
		}
	}
	return x.emit(piece)
}

// endFilters ends one filter after the other, so that each has all of what the ones before it make.
func (x *exchange) endFilters() error {
	for i, f := range x.filters {
		rest, err := f.end()
		if err != nil {
			return err
		}
		if len(rest) == 0 || x.resp.Framing == http1.NoBody {
			continue
		}
		if err := x.filterFrom(i+1, rest); err != nil {
			return err
		}
	}
	return nil
}
