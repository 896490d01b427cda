package build

import (
	"strings"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func response(r *v1alpha1.Response) *config.Response {
	if r == nil {
		return nil
	}
	out := &config.Response{
		Stream:         config.StreamFormat(strings.ToLower(string(r.Stream))),
		MaxBytes:       r.MaxBytes,
		TooLarge:       config.TooLarge(strings.ToLower(string(r.TooLarge))),
		MaxOutputBytes: r.MaxOutputBytes,
		Timeout:        duration(r.Timeout),
	}
	for i := range r.Rules {
		rule := &r.Rules[i]
		out.Rules = append(out.Rules, config.ResponseRule{
			Statuses:    plain(rule.Statuses),
			JQ:          rule.JQ,
			Status:      int(rule.Status),
			StatusJQ:    rule.StatusJQ,
			ContentType: string(rule.ContentType),
		})
	}
	for i := range r.Examples {
		out.Examples = append(out.Examples, example(&r.Examples[i]))
	}
	return out
}

func example(e *v1alpha1.ResponseExample) config.Example {
	return config.Example{
		Status:       int(e.Status),
		Input:        e.Input,
		Captures:     plainMap(e.Captures),
		Query:        plainMap(e.Query),
		Output:       e.Output,
		OutputStatus: int(e.OutputStatus),
	}
}
