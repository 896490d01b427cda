package route

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// Table is the compiled routes of one port: of one ambassador, or of several that are one interface. It is immutable and
// safe for concurrent use.
type Table struct {
	routes [][]*Route // of each owner
	root   *node
}

// Route is one compiled route.
type Route struct {
	// Owner is the place, in what the table was compiled from, of the ambassador that the route is of.
	Owner int
	// Index is the route's place among its owner's in [Table.Routes].
	Index int
	// Name is the pattern, such as "/movies/{id}": the label of the route in metrics and logs. It is "/" for the one
	// route of an ambassador that has none.
	Name string

	methods  []string // nil: all but the refused
	template []part
	slash    bool // the template ends with a slash, which is written where the rest is empty
	query    edits
}

// part is a literal of the upstream path, or the number of a capture.
type part struct {
	literal string
	capture int // -1 for a literal
}

// refusedMethods are never forwarded. CONNECT asks for a tunnel to anywhere (RFC 9110, section 9.3.6); TRACE and its
// old sibling TRACK ask the service to send the request back, credential included (RFC 9110, section 9.3.8).
var refusedMethods = []string{"CONNECT", "TRACE", "TRACK"}

// allMethods is the Allow value of a route that answers every method that is not refused.
const allMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// Compile builds the table of a port from the routes of each ambassador that names it, which a valid document holds. An
// ambassador without routes has every path forwarded that no other's route covers.
func Compile(owners ...[]config.Route) *Table {
	t := &Table{}
	root := newBuilder()
	for owner, routes := range owners {
		if len(routes) == 0 {
			routes = []config.Route{{Path: "/"}}
		}
		var compiled []*Route
		for i := range routes {
			route := compileRoute(&routes[i])
			route.Owner, route.Index = owner, i
			compiled = append(compiled, route)
			root.insert(&routes[i], route)
		}
		t.routes = append(t.routes, compiled)
	}
	t.root = root.build()
	return t
}

// Routes lists an owner's routes in the document's order; never empty. The slice is the table's own.
func (t *Table) Routes(owner int) []*Route { return t.routes[owner] }

// Base makes the path of an upstream's URL, as it is written there, one that targets can be put under: without a slash at
// its end, so that "" and "/" are none. It fails when the path is not safe itself.
func Base(path string) (string, error) {
	if path != "" && !judge([]byte(path)).safe {
		return "", fmt.Errorf("base path %q: not a path that can be forwarded; write it plain, without dot segments or empty segments", path)
	}
	return strings.TrimSuffix(path, "/"), nil
}

func compileRoute(r *config.Route) *Route {
	upstream := r.UpstreamPath
	if upstream == "" {
		upstream = r.Path
	}
	route := &Route{
		Name:    r.Path,
		methods: compileMethods(r.Methods),
		slash:   strings.HasSuffix(upstream, "/"),
	}
	captures := capturesOf(r.Path)
	route.template = compileTemplate(strings.TrimSuffix(upstream, "/"), captures)
	route.query = compileEdits(&r.Query, captures)
	return route
}

// compileMethods adds HEAD where there is GET (RFC 9110, section 9.3.2).
func compileMethods(methods []string) []string {
	methods = slices.Clone(methods)
	if slices.Contains(methods, "GET") && !slices.Contains(methods, "HEAD") {
		methods = append(methods, "HEAD")
	}
	return methods
}

// capturesOf lists the captures of a pattern, in their braces.
func capturesOf(pattern string) []string {
	var names []string
	for segment := range strings.SplitSeq(pattern, "/") {
		if isCapture(segment) {
			names = append(names, segment)
		}
	}
	return names
}

// compileTemplate splits an upstream path at its captures, which are numbered by their place among names.
func compileTemplate(path string, names []string) []part {
	var parts []part
	literal := ""
	for i, segment := range strings.Split(path, "/") {
		if i > 0 {
			literal += "/"
		}
		number := slices.Index(names, segment)
		if number < 0 {
			literal += segment
			continue
		}
		parts = append(parts, part{literal, -1}, part{"", number})
		literal = ""
	}
	if literal != "" {
		parts = append(parts, part{literal, -1})
	}
	return parts
}

func isCapture(segment string) bool { return strings.HasPrefix(segment, "{") }

// builder is a node under construction.
type builder struct {
	node *node
	next map[string]*builder
	any  *builder
}

func newBuilder() *builder { return &builder{node: new(node), next: map[string]*builder{}} }

func (b *builder) insert(r *config.Route, route *Route) {
	pattern, withSlash := strings.CutSuffix(r.Path[1:], "/")
	withSlash = withSlash || r.Path == "/"
	if pattern != "" {
		for segment := range strings.SplitSeq(pattern, "/") {
			b = b.follow(segment)
		}
	}
	exact := r.Match == config.MatchExact
	switch n := b.node; {
	case exact && withSlash:
		n.exactSlash = n.exactSlash.with(route)
	case exact:
		n.exact = n.exact.with(route)
	case withSlash:
		n.prefixSlash = n.prefixSlash.with(route)
	default:
		n.prefix = n.prefix.with(route)
	}
}

// follow returns the node after segment, made where it is missing.
func (b *builder) follow(segment string) *builder {
	if isCapture(segment) {
		if b.any == nil {
			b.any = newBuilder()
		}
		return b.any
	}
	if b.next[segment] == nil {
		b.next[segment] = newBuilder()
	}
	return b.next[segment]
}

func (b *builder) build() *node {
	literals := make(map[string]*node, len(b.next))
	for segment, next := range b.next {
		literals[segment] = next.build()
	}
	b.node.setLiterals(literals)
	if b.any != nil {
		b.node.capture = b.any.build()
	}
	return b.node
}

// with adds a route to the leaf, which may be nil.
func (l *leaf) with(route *Route) *leaf {
	if l == nil {
		l = new(leaf)
	}
	l.routes = append(l.routes, route)
	slices.SortStableFunc(l.routes, func(a, b *Route) int { // those that name methods first
		return min(len(b.methods), 1) - min(len(a.methods), 1)
	})
	allow := strings.Join(route.methods, ", ")
	if allow == "" {
		allow = allMethods
	}
	if len(l.allow) > 0 {
		l.allow = append(l.allow, ", "...)
	}
	l.allow = append(l.allow, allow...)
	return l
}
