package build

import (
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func routes(in []v1alpha1.Route) []config.Route {
	var out []config.Route
	for i := range in {
		out = append(out, route(&in[i]))
	}
	return out
}

func route(r *v1alpha1.Route) config.Route {
	out := config.Route{
		Path:            string(r.Path),
		Match:           config.Match(strings.ToLower(string(r.Match))),
		UpstreamPath:    string(r.UpstreamPath),
		Methods:         plain(r.Methods),
		UpstreamMethod:  string(r.UpstreamMethod),
		RequestHeaders:  headers(r.RequestHeaders),
		ResponseHeaders: headers(r.ResponseHeaders),
		Retry:           retry(r.Retry),
		Cache:           cacheRule(r.Cache),
		Response:        response(r.Response),
	}
	if q := r.Query; q != nil {
		out.Query = config.Query{
			Remove:  plain(q.Remove),
			Rename:  plainMap(q.Rename),
			Set:     plainMap(q.Set),
			Default: plainMap(q.Default),
		}
	}
	if b := r.Body; b != nil {
		out.Body = &config.Body{ContentType: string(b.ContentType), Text: b.Text}
	}
	if t := r.Timeouts; t != nil {
		out.Timeouts = config.Timeouts{
			Connect:        duration(t.Connect),
			Response:       duration(t.Response),
			Idle:           duration(t.Idle),
			Call:           duration(t.Call),
			DeadlineHeader: string(t.DeadlineHeader),
		}
	}
	return out
}

func headers(h *v1alpha1.HeaderEdits) config.Headers {
	if h == nil {
		return config.Headers{}
	}
	return config.Headers{Set: plainMap(h.Set), Remove: plain(h.Remove)}
}
