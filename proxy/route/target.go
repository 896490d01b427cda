package route

// AppendTarget appends the request target that goes upstream: base, which [Base] has made, the route's upstream path with
// the captures, the rest of the path, and the edited query. path must be the one that Lookup found, with the verdict Found;
// query is the client's, without '?', and hasQuery tells that there was one.
//
// Of the query, parameters whose name a service could read as one of owned are left out, whatever their spelling; so
// are those that the route sets or removes; renamed ones go on under their new name. Then follow the route's own and at last attach: pairs that are escaped already, such
// as "api_key=abc", or nothing. All else is appended byte for byte as it was received, so path and query must hold no
// byte that can not stand in a request line; Lookup sees to the path, the request's parser to the query.
func (m *Match) AppendTarget(dst []byte, base string, path, query []byte, hasQuery bool, owned [][]byte, attach []byte) []byte {
	start := len(dst)
	dst = append(dst, base...)
	for _, part := range m.Route.template {
		if part.capture < 0 {
			dst = append(dst, part.literal...)
			continue
		}
		captured := m.captures[part.capture]
		dst = append(dst, path[captured.start:captured.end]...)
	}
	rest := path[m.rest:]
	if len(rest) == 0 && (m.Route.slash || len(dst) == start) {
		dst = append(dst, '/')
	}
	dst = append(dst, rest...)
	if !hasQuery && m.Route.query.isEmpty() && len(attach) == 0 {
		return dst
	}
	return m.appendQuery(dst, path, query, hasQuery, owned, attach)
}
